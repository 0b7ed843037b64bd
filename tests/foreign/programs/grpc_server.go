// A gRPC server by grpc-go: what it answers to any method of any service, as bytes. See test_grpc_servers.py.
package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error { *v.(*[]byte) = append([]byte{}, data...); return nil }
func (raw) Name() string                       { return "proto" }

type connections struct{ seen atomic.Int32 }

func (c *connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (c *connections) HandleRPC(context.Context, stats.RPCStats)                         {}
func (c *connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (c *connections) HandleConn(_ context.Context, event stats.ConnStats) {
	if _, began := event.(*stats.ConnBegin); began {
		c.seen.Add(1)
	}
}

func main() {
	job, err := hex.DecodeString(os.Args[1])
	if err != nil {
		panic(err)
	}
	seen := &connections{}
	cancelled := make(chan struct{}, 1000)
	handle := func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		var request []byte
		if err := stream.RecvMsg(&request); err != nil {
			return err
		}
		empty := []byte{}
		switch method[strings.LastIndex(method, "/")+1:] {
		case "StreamActivatedJobs":
			for range 50 {
				if err := stream.SendMsg(&job); err != nil {
					return err
				}
			}
			return nil
		case "FailJob":
			return status.Error(codes.NotFound, "gone für good")
		case "ThrowError":
			<-stream.Context().Done()
			cancelled <- struct{}{}
			return stream.Context().Err()
		case "ResolveIncident":
			<-cancelled
		case "Topology":
			count := []byte{0x10, byte(seen.seen.Load())}
			return stream.SendMsg(&count)
		}
		return stream.SendMsg(&empty)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(
		grpc.ForceServerCodec(raw{}),
		grpc.UnknownServiceHandler(handle),
		grpc.MaxConcurrentStreams(4),
		grpc.MaxRecvMsgSize(8<<20),
		grpc.StatsHandler(seen),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: time.Second, MaxConnectionAgeGrace: 20 * time.Second}),
	)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}
