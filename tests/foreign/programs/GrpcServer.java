import io.grpc.CompressorRegistry;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A gRPC server by grpc-java: what it answers to any method of any service, as bytes. See test_grpc_servers.py. */
public final class GrpcServer {
  private static final AtomicInteger CONNECTIONS = new AtomicInteger();
  private static final Semaphore CANCELLED = new Semaphore(0);

  private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }
  };

  public static void main(String[] arguments) throws Exception {
    byte[] job = HexFormat.of().parseHex(arguments[0]);
    var server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
        .maxConcurrentCallsPerConnection(4)
        .maxInboundMessageSize(8 << 20)
        .maxConnectionAge(1, TimeUnit.SECONDS)
        .maxConnectionAgeGrace(20, TimeUnit.SECONDS)
        .compressorRegistry(CompressorRegistry.getDefaultInstance())
        .addTransportFilter(new ServerTransportFilter() {
          @Override
          public Attributes transportReady(Attributes attributes) {
            CONNECTIONS.incrementAndGet();
            return attributes;
          }
        })
        .fallbackHandlerRegistry(new HandlerRegistry() {
          @Override
          public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
            boolean streams = name.endsWith("Jobs");
            var method = MethodDescriptor.newBuilder(BYTES, BYTES)
                .setType(streams ? MethodType.SERVER_STREAMING : MethodType.UNARY)
                .setFullMethodName(name)
                .build();
            return ServerMethodDefinition.create(method, (call, headers) -> handle(call, job));
          }
        })
        .build()
        .start();
    System.out.println(server.getPort());
    server.awaitTermination();
  }

  private static ServerCall.Listener<byte[]> handle(ServerCall<byte[], byte[]> call, byte[] job) {
    String method = call.getMethodDescriptor().getBareMethodName();
    call.setCompression("gzip");
    call.request(2);
    return new ServerCall.Listener<>() {
      private byte[] answer = new byte[0];

      @Override
      public void onMessage(byte[] request) {
        if (method.equals("Topology")) {
          answer = new byte[] {0x10, (byte) CONNECTIONS.get()};
        }
      }

      @Override
      public void onHalfClose() {
        switch (method) {
          case "FailJob" -> call.close(Status.NOT_FOUND.withDescription("gone für good"), new Metadata());
          case "ThrowError" -> { }
          case "ResolveIncident" -> new Thread(() -> {
            CANCELLED.acquireUninterruptibly();
            answer(1, answer);
          }).start();
          case "StreamActivatedJobs" -> answer(50, job);
          default -> answer(1, answer);
        }
      }

      @Override
      public void onCancel() {
        if (method.equals("ThrowError")) {
          CANCELLED.release();
        }
      }

      private void answer(int count, byte[] message) {
        call.sendHeaders(new Metadata());
        for (int i = 0; i < count; i++) {
          call.sendMessage(message);
        }
        call.close(Status.OK, new Metadata());
      }
    };
  }
}
