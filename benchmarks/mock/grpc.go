package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"time"
)

const (
	frameData, frameHeaders, frameReset, frameSettings, framePing, frameWindow = 0, 1, 3, 4, 6, 8
	endStream, endHeaders, ack                                                 = 1, 4, 1
	preface                                                                    = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	largestFrame                                                               = 16384
	most                                                                       = 1<<31 - 1
	parked                                                                     = 30 * time.Second
)

func literal(name, value string) []byte {
	out := append([]byte{0, byte(len(name))}, name...)
	return append(append(out, byte(len(value))), value...)
}

var (
	head     = append([]byte{0x88}, literal("content-type", "application/grpc")...) // 0x88: ":status: 200"
	trailers = literal("grpc-status", "0")
	empty    = []byte{0, 0, 0, 0, 0}
)

// sent is what was asked for on one stream and is not all written yet.
type sent struct {
	queue []byte
	last  bool // trailers follow
	live  bool // a stream of jobs
}

// grpcConn is one HTTP/2 connection, without HPACK: which call a request belongs to is read off its message. Those that
// name a job begin with a number, those that activate with a text (and only ActivateJobs has a field 4), a creation
// with its second field.
type grpcConn struct {
	*wire
	stock           *Stock
	initial, window int
	windows         map[uint32]int
	bodies          map[uint32][]byte
	answers         map[uint32]*sent
	streams         []uint32
	credit          int
	gone            bool
}

func (c *grpcConn) frame(kind, flags byte, stream uint32, payload []byte) {
	var top [9]byte
	binary.BigEndian.PutUint32(top[:], uint32(len(payload))<<8|uint32(kind))
	top[4] = flags
	binary.BigEndian.PutUint32(top[5:], stream)
	c.out = append(append(c.out, top[:]...), payload...)
}

func number(value uint32) []byte { return binary.BigEndian.AppendUint32(nil, value) }

func serveGrpc(connection net.Conn, stock *Stock) {
	c := &grpcConn{wire: newWire(connection, &stock.Mutex), stock: stock, initial: 65535, window: 65535,
		windows: map[uint32]int{}, bodies: map[uint32][]byte{}, answers: map[uint32]*sent{}}
	reader := bufio.NewReaderSize(connection, 1<<18)
	defer func() {
		stock.Lock()
		c.gone, c.streams = true, nil
		c.close()
		stock.Unlock()
	}()
	if _, err := io.ReadFull(reader, make([]byte, len(preface))); err != nil {
		return
	}
	stock.Lock()
	// No limit on what a client may send: its requests are small.
	settings := append([]byte{0, 4}, number(most)...)
	c.frame(frameSettings, 0, 0, append(append(settings, 0, 3), number(10_000)...))
	c.frame(frameWindow, 0, 0, number(most-65535))
	c.flush()
	stock.Unlock()
	var top [9]byte
	for {
		if _, err := io.ReadFull(reader, top[:]); err != nil {
			return
		}
		stock.Lock()
		for { // all that has been read, before anything is written
			payload := make([]byte, int(top[0])<<16|int(top[1])<<8|int(top[2]))
			if reader.Buffered() < len(payload) {
				stock.Unlock()
				if _, err := io.ReadFull(reader, payload); err != nil {
					return
				}
				stock.Lock()
			} else {
				_, _ = io.ReadFull(reader, payload)
			}
			c.take(top[3], top[4], binary.BigEndian.Uint32(top[5:])&most, payload)
			if reader.Buffered() < len(top) {
				break
			}
			_, _ = io.ReadFull(reader, top[:])
		}
		stock.offer()
		c.push()
		c.flush()
		stock.Unlock()
	}
}

func (c *grpcConn) take(kind, flags byte, stream uint32, payload []byte) {
	switch kind {
	case frameData:
		c.data(stream, flags, payload)
	case frameWindow:
		more := int(binary.BigEndian.Uint32(payload))
		if stream == 0 {
			c.window += more
			for each := range c.answers {
				c.drain(each)
			}
		} else if c.answers[stream] != nil {
			c.windows[stream] += more
			c.drain(stream)
		}
	case frameSettings:
		if flags&ack != 0 {
			return
		}
		for ; len(payload) >= 6; payload = payload[6:] {
			if payload[0] == 0 && payload[1] == 4 {
				initial := int(binary.BigEndian.Uint32(payload[2:]))
				for each := range c.windows {
					c.windows[each] += initial - c.initial
				}
				c.initial = initial
			}
		}
		c.frame(frameSettings, ack, 0, nil)
	case framePing:
		if flags&ack == 0 {
			c.frame(framePing, ack, 0, payload)
		}
	case frameReset:
		c.forget(stream)
	}
}

func (c *grpcConn) forget(stream uint32) {
	if answer := c.answers[stream]; answer != nil && answer.live {
		for at, each := range c.streams {
			if each == stream {
				c.streams = append(c.streams[:at], c.streams[at+1:]...)
				break
			}
		}
	}
	delete(c.answers, stream)
	delete(c.bodies, stream)
	delete(c.windows, stream)
}

func (c *grpcConn) data(stream uint32, flags byte, payload []byte) {
	if c.credit += len(payload); c.credit > 1<<24 {
		c.frame(frameWindow, 0, 0, number(uint32(c.credit)))
		c.credit = 0
	}
	body := payload
	if before := c.bodies[stream]; before != nil {
		body = append(before, payload...)
		delete(c.bodies, stream)
	}
	if flags&endStream == 0 {
		c.bodies[stream] = body
		return
	}
	if len(body) < 5 {
		return
	}
	message := body[5:]
	if len(message) > 0 && message[0] == 0x08 {
		key, size := varint(message[1:])
		rest := message[1+size:]
		c.stock.answered(key, len(rest) == 0 || rest[0] != 0x10)
		c.reply(stream, empty)
		return
	}
	if len(message) == 0 || message[0] != 0x0a {
		c.reply(stream, framed(nil, c.stock.createdMessage))
		return
	}
	fields := numbers(message)
	c.windows[stream] = c.initial
	c.frame(frameHeaders, endHeaders, stream, head)
	if wanted, poll := fields[4]; poll {
		c.answers[stream] = &sent{}
		c.stock.report.polls++
		c.poll(stream, int(wanted), int64(fields[6]))
	} else {
		c.answers[stream] = &sent{live: true}
		c.stock.report.streams++
		c.streams = append(c.streams, stream)
		c.stock.takers = append(c.stock.takers, func() bool {
			if c.gone || len(c.streams) == 0 {
				return true
			}
			c.push()
			c.flush()
			return false
		})
	}
}

// reply is the whole answer to a call that has one message.
func (c *grpcConn) reply(stream uint32, message []byte) {
	c.frame(frameHeaders, endHeaders, stream, head)
	if len(message) <= c.window && len(message) <= c.initial {
		c.window -= len(message)
		c.frame(frameData, 0, stream, message)
		c.frame(frameHeaders, endHeaders|endStream, stream, trailers)
		return
	}
	c.windows[stream] = c.initial
	c.answers[stream] = &sent{queue: message, last: true}
	c.drain(stream)
}

func (c *grpcConn) poll(stream uint32, most int, wait int64) {
	if jobs := c.stock.take(most); len(jobs) > 0 || wait < 0 {
		c.answer(stream, jobs)
		return
	}
	pause := parked
	if wait > 0 {
		pause = time.Duration(wait) * time.Millisecond
	}
	done := false
	timer := time.AfterFunc(pause, func() {
		c.stock.Lock()
		defer c.stock.Unlock()
		if !done && !c.gone && c.answers[stream] != nil {
			c.answer(stream, nil)
			c.flush()
		}
		done = true
	})
	c.stock.takers = append(c.stock.takers, func() bool {
		if done || c.gone || c.answers[stream] == nil {
			timer.Stop()
			return true
		}
		jobs := c.stock.take(most)
		if len(jobs) > 0 {
			done = true
			timer.Stop()
			c.answer(stream, jobs)
			c.flush()
		}
		return done
	})
}

func framed(out, message []byte) []byte {
	out = append(out, 0)
	return append(binary.BigEndian.AppendUint32(out, uint32(len(message))), message...)
}

func (c *grpcConn) answer(stream uint32, jobs []int) {
	answer := c.answers[stream]
	if len(jobs) > 0 {
		length := 0
		for _, each := range jobs {
			length += len(c.stock.messages[each])
		}
		answer.queue = binary.BigEndian.AppendUint32(append(make([]byte, 0, length+5), 0), uint32(length))
		for _, each := range jobs { // messages that are joined are one message with all their jobs
			answer.queue = append(answer.queue, c.stock.messages[each]...)
		}
	}
	answer.last = true
	c.drain(stream)
}

// push gives the streams jobs, as far as flow control lets them go.
func (c *grpcConn) push() {
	for pushed := true; pushed && !c.gone && len(c.out) < 1<<20; {
		pushed = false
		for _, stream := range c.streams {
			answer := c.answers[stream]
			if c.windows[stream] <= 0 || c.window <= 0 || len(answer.queue) > 0 {
				continue
			}
			for _, each := range c.stock.take(max(1, min(16, c.windows[stream]/600))) {
				pushed = true
				answer.queue = framed(answer.queue, c.stock.bare[each])
			}
			c.drain(stream)
		}
	}
}

func (c *grpcConn) drain(stream uint32) {
	answer := c.answers[stream]
	for len(answer.queue) > 0 {
		room := min(c.window, c.windows[stream], largestFrame, len(answer.queue))
		if room <= 0 {
			return
		}
		c.frame(frameData, 0, stream, answer.queue[:room])
		answer.queue = answer.queue[room:]
		c.window -= room
		c.windows[stream] -= room
	}
	if answer.last {
		c.frame(frameHeaders, endHeaders|endStream, stream, trailers)
		c.forget(stream)
	}
}

// numbers are those of a message by field; of texts, that they are there.
func numbers(message []byte) map[uint64]uint64 {
	found := map[uint64]uint64{}
	for len(message) > 0 {
		tag, size := varint(message)
		message = message[size:]
		value, size := varint(message)
		message = message[size:]
		found[tag>>3] = value
		if tag&7 == 2 {
			message = message[value:]
		}
	}
	return found
}
