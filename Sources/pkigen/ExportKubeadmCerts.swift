import ArgumentParser
import FileStore
import KubernetesPKI
import PKIExport

/// `pkigen export kubeadm-certs`.
struct ExportKubeadmCerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubeadm-certs",
    abstract: "Write the encrypted Secret from which kubeadm join takes the CAs.",
    discussion: """
      It is what 'kubeadm init phase upload-certs --upload-certs' makes, with the \
      Role and RoleBinding to read it. A joining control-plane node decrypts it \
      with the certificate key, 64 hexadecimal digits in a file.

      kubeadm's own Secret expires after two hours; this one does not. Delete \
      it when all nodes have joined.

      EXAMPLES
        pkigen export kubeadm-certs --new-certificate-key key \\
          --out - | kubectl apply -f -

        On the node that joins:
          kubeadm join … --control-plane --certificate-key "$(cat key)"

        Afterwards:
          kubectl -n kube-system delete secret kubeadm-certs
      """)

  @Option(help: ArgumentHelp("File of the certificate key.", valueName: "file"), completion: .file())
  var certificateKeyFile: String?

  @Option(help: ArgumentHelp("New file for a new certificate key.", valueName: "file"), completion: .file())
  var newCertificateKey: String?

  @OptionGroup var form: ObjectFormatOptions
  @OptionGroup var export: ExportOptions

  func validate() throws {
    guard (certificateKeyFile == nil) != (newCertificateKey == nil) else {
      throw ValidationError("One of --certificate-key-file and --new-certificate-key is needed.")
    }
  }

  func run() throws {
    let source = try export.source()
    let key: CertificateKey
    var newFiles: [FileChange] = []
    if let path = certificateKeyFile {
      key = try Self.readKey(path)
    } else {
      key = try CertificateKey.generate()
      newFiles = newCertificateKey.map { [ExportOptions.secretFile($0, key.hexadecimal)] } ?? []
    }
    try export.write(form.text(source.kubeadmCerts(encryptedWith: key)), besides: newFiles)
    Terminal.note(
      "note: the Secret does not expire: run kubectl -n kube-system delete secret kubeadm-certs when all nodes have joined"
    )
  }

  private static func readKey(_ path: String) throws -> CertificateKey {
    guard let key = CertificateKey(hexadecimal: try FileSystem.readStream(path)) else {
      throw PKIErrors([
        .invalidSetting(
          .option("--certificate-key-file"), value: path,
          problem: "not the file of a certificate key, which has 64 hexadecimal digits",
          hint: "--new-certificate-key makes one")
      ])
    }
    return key
  }
}
