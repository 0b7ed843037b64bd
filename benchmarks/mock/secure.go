package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"time"
)

// serveSecure answers creations over TLS on two ports: the first agrees on HTTP/2 where a client speaks it, the second
// on HTTP/1.1 alone. The certificate, made here, is written to a file for the clients.
func serveSecure(file string, stock *Stock) []string {
	created := func(answer http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		answer.Header().Set("Content-Type", "application/json")
		_, _ = answer.Write(stock.createdText)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	now := time.Now()
	made := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	check(err)
	check(os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	identity := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	var urls []string
	for _, protocols := range [][]string{{"h2", "http/1.1"}, {"http/1.1"}} {
		server := &http.Server{Handler: http.HandlerFunc(created),
			TLSConfig: &tls.Config{Certificates: identity, NextProtos: protocols}}
		if len(protocols) == 1 {
			server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		check(err)
		go func() { _ = server.ServeTLS(listener, "", "") }()
		urls = append(urls, "https://"+listener.Addr().String())
	}
	return urls
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
