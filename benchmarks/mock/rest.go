package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	wantedPattern = regexp.MustCompile(`"maxJobsToActivate": *(\d+)`)
	waitPattern   = regexp.MustCompile(`"requestTimeout": *(-?\d+)`)
	lengthHeader  = []byte("content-length:")
)

const (
	date     = "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n"
	nothing  = "HTTP/1.1 204 No Content\r\n" + date
	withBody = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" + date
)

// serveRest is as much of HTTP/1.1 as clients need that send one request at a time and its length.
func serveRest(connection net.Conn, stock *Stock) {
	w := newWire(connection, &stock.Mutex)
	gone := false
	defer func() {
		stock.Lock()
		gone = true
		w.close()
		stock.Unlock()
	}()
	reader := bufio.NewReaderSize(connection, 1<<16)
	for {
		first, err := reader.ReadSlice('\n')
		if err != nil {
			return
		}
		path := strings.Split(string(first), " ")[1]
		length := 0
		for {
			line, err := reader.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
			if len(line) > len(lengthHeader) && bytes.EqualFold(line[:len(lengthHeader)], lengthHeader) {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthHeader):])))
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(reader, body); err != nil {
			return
		}
		stock.Lock()
		switch parts := strings.Split(path, "/"); {
		case strings.HasSuffix(path, "/jobs/activation"):
			poll(w, stock, body, &gone)
		case len(parts) > 2 && parts[len(parts)-3] == "jobs":
			w.out = append(w.out, nothing...)
			key, _ := strconv.ParseUint(parts[len(parts)-2], 10, 64)
			stock.answered(key, parts[len(parts)-1] == "completion")
			stock.offer()
		default:
			w.out = append(fmt.Appendf(w.out, withBody, len(stock.createdText)), stock.createdText...)
		}
		w.flush()
		stock.Unlock()
	}
}

func poll(w *wire, stock *Stock, body []byte, gone *bool) {
	count, wait := 1, 0
	if found := wantedPattern.FindSubmatch(body); found != nil {
		count, _ = strconv.Atoi(string(found[1]))
	}
	if found := waitPattern.FindSubmatch(body); found != nil {
		wait, _ = strconv.Atoi(string(found[1]))
	}
	stock.report.polls++
	answer := func(jobs []int) {
		length := len(`{"jobs":[]}`) + max(0, len(jobs)-1)
		for _, each := range jobs {
			length += len(stock.texts[each])
		}
		w.out = append(fmt.Appendf(w.out, withBody, length), `{"jobs":[`...)
		for at, each := range jobs {
			if at > 0 {
				w.out = append(w.out, ',')
			}
			w.out = append(w.out, stock.texts[each]...)
		}
		w.out = append(w.out, `]}`...)
		w.flush()
	}
	if jobs := stock.take(count); len(jobs) > 0 || wait < 0 {
		answer(jobs)
		return
	}
	pause, done := parked, false
	if wait > 0 {
		pause = time.Duration(wait) * time.Millisecond
	}
	timer := time.AfterFunc(pause, func() {
		stock.Lock()
		defer stock.Unlock()
		if !done && !*gone {
			answer(nil)
		}
		done = true
	})
	stock.takers = append(stock.takers, func() bool {
		if done || *gone {
			timer.Stop()
			return true
		}
		if jobs := stock.take(count); len(jobs) > 0 {
			done = true
			timer.Stop()
			answer(jobs)
		}
		return done
	})
}
