package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Report is what has happened since the last order. Its fields are those of Report in jobs_gateway.py, in their order.
type Report struct {
	handed, completed, failed, polls, streams int
	waits                                     []float64
}

// Stock has the jobs, and those who wait for them. One lock guards it and all connections: there is one core.
type Stock struct {
	sync.Mutex
	createdMessage, createdText []byte
	messages, bare, texts       [][]byte
	first                       uint64 // the key of the first job; the others count on from it
	next                        int
	limit, open                 int
	ready                       []int
	born                        map[int]time.Time
	ticker                      *time.Timer
	takers                      []func() bool // each says whether it has all that it wanted
	report                      Report
	cpu                         float64
}

// load reads what jobs_gateway.py wrote: blobs with their length before them.
func (s *Stock) load(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var blobs [][]byte
	for len(data) >= 4 {
		length := int(binary.BigEndian.Uint32(data))
		blobs = append(blobs, data[4:4+length])
		data = data[4+length:]
	}
	s.first, err = strconv.ParseUint(string(blobs[0]), 10, 64)
	if err != nil {
		return err
	}
	s.createdMessage, s.createdText = blobs[1], blobs[2]
	s.messages, s.bare, s.texts, s.next = nil, nil, nil, 0
	for at := 3; at+1 < len(blobs); at += 2 {
		message := blobs[at]
		s.messages = append(s.messages, message)
		_, size := varint(message[1:])
		s.bare = append(s.bare, message[1+size:]) // without the tag and length that a poll's answer has around it
		s.texts = append(s.texts, blobs[at+1])
	}
	return nil
}

func (s *Stock) order(line string) (string, error) {
	found := s.report
	cpu := spent()
	told := fmt.Sprintf("[%d,%d,%d,%d,%d,%f,%s]", found.handed, found.completed, found.failed,
		found.polls, found.streams, cpu-s.cpu, strings.ReplaceAll(fmt.Sprint(found.waits), " ", ","))
	s.report, s.cpu = Report{}, cpu
	what, value, _ := strings.Cut(line, " ")
	if what == "report" {
		return told, nil
	}
	s.limit, s.open, s.ready, s.born = 0, 0, nil, map[int]time.Time{}
	if s.ticker != nil {
		s.ticker.Stop()
		s.ticker = nil
	}
	switch what {
	case "flood":
		limit, err := strconv.Atoi(value)
		if err != nil {
			return "", err
		}
		s.limit = limit
		s.offer()
	case "trickle":
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return "", err
		}
		s.tick(time.Duration(seconds * float64(time.Second)))
	case "load":
		if err := s.load(value); err != nil {
			return "", err
		}
	case "dry":
	default:
		return "", fmt.Errorf("no such order: %s", line)
	}
	return told, nil
}

func (s *Stock) tick(every time.Duration) {
	number := s.one()
	s.born[number] = time.Now()
	s.ready = append(s.ready, number)
	var timer *time.Timer
	timer = time.AfterFunc(every, func() {
		s.Lock()
		defer s.Unlock()
		if s.ticker == timer {
			s.tick(every)
		}
	})
	s.ticker = timer
	s.offer()
}

func (s *Stock) one() int {
	number := s.next
	if s.next++; s.next == len(s.messages) {
		s.next = 0
	}
	return number
}

func (s *Stock) take(most int) []int {
	var taken []int
	if s.limit > 0 {
		for count := min(most, s.limit-s.open); count > 0; count-- {
			taken = append(taken, s.one())
		}
		s.open += len(taken)
	} else {
		count := min(most, len(s.ready))
		taken, s.ready = s.ready[:count], s.ready[count:]
	}
	s.report.handed += len(taken)
	return taken
}

// offer asks those who wait, each once.
func (s *Stock) offer() {
	for left := len(s.takers); left > 0 && (s.limit > s.open || len(s.ready) > 0); left-- {
		taker := s.takers[0]
		s.takers = s.takers[1:]
		if !taker() {
			s.takers = append(s.takers, taker)
		}
	}
}

func (s *Stock) answered(key uint64, completed bool) {
	if completed {
		s.report.completed++
	} else {
		s.report.failed++
	}
	if s.limit > 0 {
		s.open = max(0, s.open-1)
	} else if born, known := s.born[int(key-s.first)]; known {
		delete(s.born, int(key-s.first))
		s.report.waits = append(s.report.waits, time.Since(born).Seconds())
	}
}

func spent() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(used.Utime) + seconds(used.Stime)
}

func varint(data []byte) (uint64, int) {
	return binary.Uvarint(data)
}
