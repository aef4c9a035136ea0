// The echo server on net, or on crypto/tls when a certificate is given; a goroutine a connection.
//
//	echo [CERTIFICATE_AND_KEY] PORT     says "listening on PORT" when it is up
//
// ECHO_BUFFER sets the bytes of a connection's read buffer.
package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strconv"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func serve(connection net.Conn, size int) {
	defer connection.Close()
	buffer := make([]byte, size)
	for {
		got, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err = connection.Write(buffer[:got]); err != nil {
			return
		}
	}
}

func main() {
	size, err := strconv.Atoi(os.Getenv("ECHO_BUFFER"))
	if err != nil {
		size = 64 * 1024
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[len(os.Args)-1])
	check(err)
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	if len(os.Args) > 2 {
		certificate, err := tls.LoadX509KeyPair(os.Args[1], os.Args[1])
		check(err)
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}})
	}
	for {
		connection, err := listener.Accept()
		if err == nil {
			go serve(connection, size)
		}
	}
}
