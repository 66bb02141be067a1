// Goverify judges certificates with Go's crypto/x509 and crypto/tls, as every component of Kubernetes does.
//
// It reads a JSON list of questions and prints a JSON list of answers: "" where the certificate is right for its
// purpose, else what is wrong with it.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
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
	if _, err := tls.LoadX509KeyPair(question.Leaf, question.Key); err != nil {
		return err
	}
	chain, err := certificates(question.Leaf)
	if err != nil {
		return err
	}
	anchors, err := certificates(question.Root)
	if err != nil {
		return err
	}
	usages := map[string]x509.ExtKeyUsage{"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth}
	usage, known := usages[question.Usage]
	if !known {
		return errors.New("no such usage: " + question.Usage)
	}
	_, err = chain[0].Verify(x509.VerifyOptions{
		DNSName: question.Name, Roots: pool(anchors), Intermediates: pool(chain[1:]), CurrentTime: question.Time,
		KeyUsages: []x509.ExtKeyUsage{usage},
	})
	return err
}

func pool(certificates []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, certificate := range certificates {
		pool.AddCert(certificate)
	}
	return pool
}

// Certificates reads a file that holds nothing but certificates, and at least one.
func certificates(path string) ([]*x509.Certificate, error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var found []*x509.Certificate
	for len(rest) != 0 || len(found) == 0 {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%s is not certificates in PEM", path)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		found = append(found, certificate)
	}
	return found, nil
}
