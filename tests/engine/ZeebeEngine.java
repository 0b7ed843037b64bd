import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.camunda.zeebe.process.test.api.ZeebeTestEngine;
import io.camunda.zeebe.process.test.engine.EngineFactory;
import io.grpc.ServerBuilder;
import io.grpc.ServerProvider;
import io.grpc.ServerRegistry;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Runs Camunda's in-memory engine behind its gRPC gateway, with a small control server for tests. Both listen on loopback only.
 *
 * <p>Arguments: the gRPC port and the control port. The control server answers POST /time?MILLISECONDS (clock forward), /idle?MILLISECONDS
 * (until nothing is left to process) and /reset (an empty engine on the same port), and GET /records?SKIP (one JSON record a line).
 * The process ends with its standard input, so it never outlives the test run that started it.
 */
public final class ZeebeEngine {

  private final int port;
  private ZeebeTestEngine engine;

  private ZeebeEngine(int port) {
    this.port = port;
  }

  public static void main(String[] args) throws Exception {
    ServerRegistry.getDefaultRegistry().register(new LoopbackServers());
    ZeebeEngine self = new ZeebeEngine(Integer.parseInt(args[0]));
    self.start();
    HttpServer control = HttpServer.create(loopback(Integer.parseInt(args[1])), 0);
    control.createContext("/", self::answer);
    control.start();
    System.out.println("READY");
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private void start() {
    engine = EngineFactory.create(port);
    engine.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body;
    int status = 200;
    try {
      body = perform(exchange.getRequestURI().getPath(), exchange.getRequestURI().getQuery());
    } catch (Exception e) {
      status = 500;
      body = e.toString();
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String perform(String path, String query) throws Exception {
    long number = query == null ? 0 : Long.parseLong(query);
    switch (path) {
      case "/time" -> engine.increaseTime(Duration.ofMillis(number));
      case "/idle" -> engine.waitForIdleState(Duration.ofMillis(number));
      case "/reset" -> {
        engine.stop();
        start();
      }
      case "/records" -> {
        StringBuilder lines = new StringBuilder();
        long skip = number;
        for (var record : engine.getRecordStreamSource().getRecords()) {
          if (skip-- <= 0) {
            lines.append(record.toJson()).append('\n');
          }
        }
        return lines.toString();
      }
      default -> throw new IllegalArgumentException("unknown path " + path);
    }
    return "";
  }

  /** The engine asks gRPC for "a server on this port", which would listen on every interface. */
  private static final class LoopbackServers extends ServerProvider {
    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 10; // the stock providers have at most 5
    }

    @Override
    protected ServerBuilder<?> builderForPort(int port) {
      return NettyServerBuilder.forAddress(loopback(port));
    }
  }
}
