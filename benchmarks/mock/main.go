// The gateway that workers and calls are measured against, as a native program: benchmarks/jobs_gateway.py says what
// it is and which orders it takes. It has one thread for Go code, so that it fits one core; answers are bytes that were
// made beforehand, and all that one read brought is answered with one write.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// wire is what goes out of a connection: bytes are gathered under the lock, and written by a goroutine of their own, so
// that nobody waits for a slow reader.
type wire struct {
	connection net.Conn
	lock       *sync.Mutex
	out        []byte
	wake       chan struct{}
	closed     bool
}

func newWire(connection net.Conn, lock *sync.Mutex) *wire {
	w := &wire{connection: connection, lock: lock, wake: make(chan struct{}, 1)}
	go w.write()
	return w
}

// flush and close are called with the lock held.
func (w *wire) flush() {
	if len(w.out) > 0 && !w.closed {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (w *wire) close() {
	if !w.closed {
		w.closed = true
		close(w.wake)
		_ = w.connection.Close()
	}
}

func (w *wire) write() {
	var spare []byte
	for range w.wake {
		w.lock.Lock()
		data := w.out
		w.out = spare[:0]
		w.lock.Unlock()
		if _, err := w.connection.Write(data); err != nil {
			_ = w.connection.Close()
		}
		if spare = data; cap(spare) > 1<<22 {
			spare = nil
		}
	}
}

func listen(stock *Stock, serve func(net.Conn, *Stock)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(connection, stock)
		}
	}()
	return listener.Addr().String()
}

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400)
	stock := &Stock{}
	if len(os.Args) > 1 {
		fmt.Println(strings.Join(serveSecure(os.Args[1], stock), " "))
	} else {
		fmt.Printf("%s http://%s\n", listen(stock, serveGrpc), listen(stock, serveRest))
	}
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() { // whoever started it closes the pipe, if only by dying
		stock.Lock()
		told, err := stock.order(orders.Text())
		stock.Unlock()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(told)
	}
}
