// Reads the PEM files that are named on standard input, a line each, and prints those whose RSA key Go's crypto/rsa
// finds fault with: name, tab, reason.
package main

import (
	"bufio"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := validate(lines.Text()); err != nil {
			fmt.Printf("%s\t%v\n", lines.Text(), err)
		}
	}
}

func validate(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "RSA PRIVATE KEY" {
		return errors.New("not an RSA PRIVATE KEY")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return err
	}
	if err := key.Validate(); err != nil {
		return err
	}
	digest := make([]byte, 32)
	signature, err := rsa.SignPKCS1v15(nil, key, 0, digest)
	if err != nil {
		return err
	}
	return rsa.VerifyPKCS1v15(&key.PublicKey, 0, digest, signature)
}
