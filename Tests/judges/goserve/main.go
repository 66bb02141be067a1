// Goserve is as much of a kube-apiserver as kubectl needs to log in: it shows a server certificate, demands a
// client certificate of one CA and tells the caller who it is (kubectl get --raw /version, kubectl auth whoami).
// As a kube-apiserver does, it follows these files: each connection is met with what they hold then, and with what they
// held before where that cannot be used.
// It knows which kinds of object there are, so that kubectl can create them with --dry-run=client, and takes decisions
// on certificate signing requests (kubectl replace --raw), which it shows to the caller and forgets.
//
//	goserve ADDRESS SERVER-CERTIFICATE SERVER-KEY CLIENT-AUTHORITY
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
)

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: goserve ADDRESS SERVER-CERTIFICATE SERVER-KEY CLIENT-AUTHORITY")
	}
	config, err := read(os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	var last atomic.Pointer[tls.Config]
	last.Store(config)
	server := &http.Server{
		Addr: os.Args[1],
		TLSConfig: &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			if config, err := read(os.Args[2], os.Args[3], os.Args[4]); err == nil {
				last.Store(config)
			}
			return last.Load(), nil
		}},
	}
	http.HandleFunc("/version", version)
	http.HandleFunc("/apis/authentication.k8s.io/v1/selfsubjectreviews", whoami)
	serveDiscovery()
	http.HandleFunc("PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/{name}/{subresource}", decide)
	log.Fatal(server.ListenAndServeTLS(os.Args[2], os.Args[3]))
}

func read(certificate, key, authority string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", authority)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert,
		// No client comes back by a ticket: each shows its certificate to what is trusted now.
		SessionTicketsDisabled: true, NextProtos: []string{"h2", "http/1.1"},
	}, nil
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

// ServeDiscovery says which kinds there are, as https://kubernetes.io/docs/concepts/overview/kubernetes-api/ has it.
func serveDiscovery() {
	kinds := map[string]map[string]string{
		"v1":                           {"secrets": "Secret"},
		"certificates.k8s.io/v1":       {"certificatesigningrequests": "CertificateSigningRequest"},
		"rbac.authorization.k8s.io/v1": {"clusterroles": "ClusterRole", "clusterrolebindings": "ClusterRoleBinding"},
	}
	groups := []any{}
	for groupVersion, resources := range kinds {
		path := "/api/v1"
		if group, version, isNamed := strings.Cut(groupVersion, "/"); isNamed {
			path = "/apis/" + groupVersion
			served := map[string]any{"groupVersion": groupVersion, "version": version}
			groups = append(groups, map[string]any{"name": group, "versions": []any{served}, "preferredVersion": served})
		}
		list := []any{}
		for name, kind := range resources {
			list = append(list, map[string]any{
				"name": name, "kind": kind, "namespaced": kind == "Secret", "verbs": []string{"create", "get", "update"},
			})
		}
		serve(path, map[string]any{
			"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": groupVersion, "resources": list,
		})
	}
	serve("/apis", map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
	serve("/api", map[string]any{"kind": "APIVersions", "apiVersion": "v1", "versions": []string{"v1"}})
}

func serve(path string, content any) {
	http.HandleFunc("GET "+path, func(response http.ResponseWriter, _ *http.Request) { answer(response, content) })
}

// Decide takes an object in JSON, as an API server does that is told no other content type, and of the name in the URL.
func decide(response http.ResponseWriter, request *http.Request) {
	var object struct {
		APIVersion, Kind string
		Metadata         struct{ Name string }
		Status           map[string]any
	}
	contentType := request.Header.Get("Content-Type")
	err := json.NewDecoder(request.Body).Decode(&object)
	known := object.APIVersion == "certificates.k8s.io/v1" && object.Kind == "CertificateSigningRequest"
	if err != nil || !known || object.Metadata.Name != request.PathValue("name") ||
		(contentType != "" && contentType != "application/json") {
		http.Error(response, fmt.Sprintf("refused: %v, %q, %+v", err, contentType, object), http.StatusBadRequest)
		return
	}
	answer(response, map[string]any{"subresource": request.PathValue("subresource"), "status": object.Status})
}
