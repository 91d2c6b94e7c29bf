// Serves go-containerregistry's in-memory registry on a free loopback port, for the tests.
//
// It prints the address as its first line on standard output and ends when its standard input does, so a
// test that dies takes its registry along. Each request is one line on standard error.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	referrers := flag.Bool("referrers", true, "serve the referrers API")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	handler := registry.New(
		registry.Logger(log.New(os.Stderr, "", 0)),
		registry.WithReferrersSupport(*referrers),
	)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second}
	log.Fatal(server.Serve(listener))
}
