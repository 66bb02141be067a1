// Goread says what Go's library reads: the blocks of a PEM text, and whether it can parse a certificate and verify a chain.
//
// It reads a JSON list of questions and prints a JSON list of answers.
package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

// Question is a text in PEM, or a certificate in DER with what is needed to verify it.
type Question struct {
	PEM         []byte    `json:"pem"`
	Certificate []byte    `json:"certificate"`
	Others      [][]byte  `json:"others"`  // further certificates of a chain; those that Go cannot parse are left out
	Anchors     [][]byte  `json:"anchors"` // without any, the certificate is parsed and not verified
	Usage       string    `json:"usage"`   // server, client or any
	Name        string    `json:"name"`    // a host name, or "" where none has to match
	Time        time.Time `json:"time"`
}

// Block is a block of a PEM text.
type Block struct {
	Type    string `json:"type"`
	Headers int    `json:"headers"`
	Bytes   []byte `json:"bytes"`
}

// Answer is the blocks, and what Go says against the certificate.
type Answer struct {
	Blocks []Block `json:"blocks"`
	Parse  string  `json:"parse"`
	Verify string  `json:"verify"`
}

func main() {
	var questions []Question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	answers := make([]Answer, len(questions))
	for i, question := range questions {
		answers[i] = question.answer()
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		os.Exit(1)
	}
}

func (question Question) answer() Answer {
	answer := Answer{Blocks: []Block{}}
	for rest := question.PEM; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		answer.Blocks = append(answer.Blocks, Block{block.Type, len(block.Headers), block.Bytes})
	}
	if question.Certificate == nil {
		return answer
	}
	certificate, err := x509.ParseCertificate(question.Certificate)
	if err != nil {
		answer.Parse = err.Error()
		return answer
	}
	if question.Anchors == nil {
		return answer
	}
	usages := map[string]x509.ExtKeyUsage{
		"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth, "any": x509.ExtKeyUsageAny,
	}
	if _, err := certificate.Verify(x509.VerifyOptions{
		DNSName: question.Name, Roots: pool(question.Anchors), Intermediates: pool(question.Others),
		CurrentTime: question.Time, KeyUsages: []x509.ExtKeyUsage{usages[question.Usage]},
	}); err != nil {
		answer.Verify = err.Error()
	}
	return answer
}

func pool(encodings [][]byte) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, encoding := range encodings {
		if certificate, err := x509.ParseCertificate(encoding); err == nil {
			pool.AddCert(certificate)
		}
	}
	return pool
}
