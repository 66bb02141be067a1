// Goverify judges certificates with Go's crypto/x509 and crypto/tls, as every component of Kubernetes does: it reads the
// files and makes a TLS handshake.
//
// It reads a JSON list of questions and prints a JSON list of answers: "" where the certificate is right for its
// purpose, else what is wrong with it.
package main

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

// Question is one certificate and what somebody would want from it. Files are PEM; what follows the leaf in its file are
// intermediates, and the root's file may hold several.
type Question struct {
	Leaf  string    `json:"leaf"`
	Key   string    `json:"key"`
	Root  string    `json:"root"`
	Name  string    `json:"name"`  // DNS name or IP address of a server, "" of a client
	Usage string    `json:"usage"` // server or client
	Time  time.Time `json:"time"`
	// Who reads the root's file: etcd (every block is a certificate; also the default), client-go (blocks that are none
	// are left out), tls (so are certificates that cannot be parsed), kubeadm (as client-go, and the first has to be a
	// CA's) or signer (as client-go, and there has to be exactly one, as kube-controller-manager signs with).
	Reader string `json:"reader"`
}

func main() {
	var questions []Question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	answers := make([]string, len(questions))
	for i, question := range questions {
		if err := question.answer(); err != nil {
			answers[i] = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		os.Exit(1)
	}
}

func (question Question) answer() error {
	pair, err := tls.LoadX509KeyPair(question.Leaf, question.Key)
	if err != nil {
		return err
	}
	roots, err := pool(question.Root, question.Reader)
	if err != nil {
		return err
	}
	clock := func() time.Time { return question.Time }
	switch question.Usage {
	case "server":
		_, err = handshake(
			&tls.Config{Certificates: []tls.Certificate{pair}, Time: clock, SessionTicketsDisabled: true},
			&tls.Config{RootCAs: roots, ServerName: question.Name, Time: clock})
	case "client":
		err, _ = handshake(
			&tls.Config{
				Certificates: []tls.Certificate{own}, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert,
				Time: clock, SessionTicketsDisabled: true,
			},
			&tls.Config{InsecureSkipVerify: true, Time: clock, GetClientCertificate: func(
				*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				return &pair, nil
			}})
	default:
		err = errors.New("no such usage: " + question.Usage)
	}
	return err
}

// Handshake says what the server and what the client have against the other side.
func handshake(serving, asking *tls.Config) (server, client error) {
	ended := make(chan error, 1)
	go func() {
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err == nil {
			err = handshaken(tls.Client(connection, asking))
		}
		ended <- err
	}()
	connection, err := listener.Accept()
	if err != nil {
		return err, err
	}
	return handshaken(tls.Server(connection, serving)), <-ended
}

func handshaken(connection *tls.Conn) error {
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	return connection.Handshake()
}

var listener = func() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener
}()

// Own is the pair of a server that only clients are asked about.
var own = func() tls.Certificate {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}()

// Pool reads the certificates that are trusted, at least one, as NewCertPool in etcd's client/pkg/tlsutil, ParseCertsPEM
// in Kubernetes' client-go/util/cert or AppendCertsFromPEM in crypto/x509 read them.
func pool(path, reader string) (*x509.CertPool, error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	found := 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if reader != "" && reader != "etcd" && (block.Type != "CERTIFICATE" || len(block.Headers) != 0) {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil && reader == "tls" {
			continue
		}
		if err != nil {
			return nil, err
		}
		if found++; reader == "kubeadm" && found == 1 && !certificate.IsCA {
			return nil, fmt.Errorf("%s is not a CA's", path)
		}
		pool.AddCert(certificate)
	}
	if found == 0 {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	if found > 1 && reader == "signer" {
		return nil, fmt.Errorf("%s holds %d certificates", path, found)
	}
	return pool, nil
}
