// Goserve is as much of a kube-apiserver as kubectl needs to log in: it shows a server certificate, demands a
// client certificate of one authority and tells the caller who it is (kubectl get --raw /version, kubectl auth whoami).
//
//	goserve ADDRESS SERVER-CERTIFICATE SERVER-KEY CLIENT-AUTHORITY
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: goserve ADDRESS SERVER-CERTIFICATE SERVER-KEY CLIENT-AUTHORITY")
	}
	authority, err := os.ReadFile(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(authority) {
		log.Fatal(os.Args[4], " holds no certificate")
	}
	server := &http.Server{
		Addr:      os.Args[1],
		TLSConfig: &tls.Config{ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert},
	}
	http.HandleFunc("/version", version)
	http.HandleFunc("/apis/authentication.k8s.io/v1/selfsubjectreviews", whoami)
	log.Fatal(server.ListenAndServeTLS(os.Args[2], os.Args[3]))
}

func version(response http.ResponseWriter, _ *http.Request) {
	answer(response, map[string]any{"major": "1", "minor": "36", "gitVersion": "v1.36.0"})
}

// Whoami reads user and groups off the client certificate by Kubernetes' rule: the common name and the organizations.
func whoami(response http.ResponseWriter, request *http.Request) {
	subject := request.TLS.PeerCertificates[0].Subject
	user := map[string]any{"username": subject.CommonName, "groups": subject.Organization}
	answer(response, map[string]any{
		"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "status": map[string]any{"userInfo": user},
	})
}

func answer(response http.ResponseWriter, content any) {
	response.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(response).Encode(content); err != nil {
		log.Print(err)
	}
}
