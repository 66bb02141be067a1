import KubernetesPKI

extension Plan.ShortenedLifetime {
  /// The warning of a renewal.
  var renewalWarning: String { "\(fact); --validity \(oldDays)d keeps it" }

  /// The warning of an installation.
  var installationWarning: String {
    "\(fact); to keep it, have the CSR signed with a longer validity, with pkigen: pkigen csr sign --validity \(oldDays)d"
  }

  private var fact: String {
    "\(names.joined(separator: ", ")): valid for \(newDays) days from now, where the present"
      + " \(names.count == 1 ? "certificate" : "certificates") had a lifetime of \(oldDays) days"
  }
}
