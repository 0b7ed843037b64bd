import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientException;
import io.camunda.client.api.command.ClientStatusException;
import io.camunda.client.api.command.ProblemException;
import io.camunda.client.api.response.ActivatedJob;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Our flows with the official Java client, on the wire that the second argument names. Prints what it saw as JSON. */
public final class Official {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Object> SEEN = new LinkedHashMap<>();

  private final CamundaClient client;
  private final JsonNode told;

  private Official(CamundaClient client, JsonNode told) {
    this.client = client;
    this.told = told;
  }

  public static void main(String[] arguments) throws Exception {
    boolean rest = arguments[0].equals("rest");
    JsonNode told = JSON.readTree(arguments[1]);
    try (CamundaClient client =
        CamundaClient.newClientBuilder()
            .grpcAddress(URI.create("http://" + told.get("grpc").asText()))
            .restAddress(URI.create(told.get("rest").asText()))
            .preferRestOverGrpc(rest)
            .defaultRequestTimeout(Duration.ofSeconds(20))
            .build()) {
      new Official(client, told).play();
    }
    System.out.println(JSON.writeValueAsString(SEEN));
    System.exit(0);
  }

  private void play() {
    flow("topology", this::topology);
    flow("deploy", this::deploy);
    flow("jobs", this::jobs);
    flow("result", this::result);
    flow("retries", this::retries);
    flow("message", this::message);
    flow("twice", this::twice);
    flow("unknown", this::unknown);
    flow("cancel", this::cancel);
    flow("signal", this::signal);
    flow("variables", this::variables);
    flow("decision", this::decision);
    flow("stream", this::stream);
    new Searches(client, told, this::create, this::job).flows().forEach(this::flow);
  }

  private void flow(String name, Callable<Object> play) {
    try {
      SEEN.put(name, play.call());
    } catch (Exception error) {
      SEEN.put(name, error.toString());
    }
  }

  private String name(String what) {
    return told.get("names").get(what).asText();
  }

  private long create(String process, Map<String, Object> variables) {
    return client
        .newCreateInstanceCommand()
        .bpmnProcessId(process)
        .latestVersion()
        .variables(variables)
        .send()
        .join()
        .getProcessInstanceKey();
  }

  private ActivatedJob job(String type) {
    List<ActivatedJob> found =
        client
            .newActivateJobsCommand()
            .jobType(type)
            .maxJobsToActivate(1)
            .workerName("foreign")
            .timeout(Duration.ofMinutes(1))
            .requestTimeout(Duration.ofSeconds(10))
            .send()
            .join()
            .getJobs();
    return found.get(0);
  }

  private void complete(ActivatedJob job) {
    client.newCompleteCommand(job.getKey()).send().join();
  }

  private String refused(Callable<?> call) throws Exception {
    try {
      call.call();
    } catch (ProblemException error) {
      return error.code() == 404 ? "not found" : error.code() == 409 ? "already exists" : "" + error.code();
    } catch (ClientStatusException error) {
      return error.getStatusCode().name().toLowerCase().replace('_', ' ');
    } catch (ClientException error) {
      return error.toString();
    }
    return "nothing";
  }

  private Object topology() {
    var topology = client.newTopologyRequest().send().join();
    return Map.of("version", topology.getGatewayVersion(), "partitions", topology.getPartitionsCount());
  }

  private Object deploy() {
    Object found = null;
    for (String each : List.of("order", "message", "empty", "discount")) {
      var answer =
          client
              .newDeployResourceCommand()
              .addResourceFile(told.get("files").get(each).asText())
              .send()
              .join();
      if (each.equals("order")) {
        var process = answer.getProcesses().get(0);
        found = Map.of("process", process.getBpmnProcessId(), "version", process.getVersion());
      }
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private Object jobs() {
    create(name("order"), JSON.convertValue(told.get("variables"), Map.class));
    ActivatedJob charge = job(name("charge"));
    client.newCompleteCommand(charge.getKey()).variables(Map.of("paid", true)).send().join();
    ActivatedJob ship = job(name("ship"));
    complete(ship);
    return Map.of(
        "variables", charge.getVariablesAsMap(),
        "headers", charge.getCustomHeaders(),
        "retries", charge.getRetries(),
        "process", charge.getBpmnProcessId(),
        "element", charge.getElementId(),
        "paid", ship.getVariablesAsMap().get("paid"));
  }

  private Object result() {
    return client
        .newCreateInstanceCommand()
        .bpmnProcessId(name("empty"))
        .latestVersion()
        .variables(Map.of("a", 1))
        .withResult()
        .requestTimeout(Duration.ofSeconds(10))
        .send()
        .join()
        .getVariablesAsMap();
  }

  private Object retries() {
    create(name("order"), Map.of());
    ActivatedJob first = job(name("charge"));
    client.newFailCommand(first.getKey()).retries(1).errorMessage("no").send().join();
    ActivatedJob again = job(name("charge"));
    complete(again);
    complete(job(name("ship")));
    return List.of(first.getRetries(), again.getRetries(), first.getKey() == again.getKey());
  }

  private Object message() {
    create(name("waits"), Map.of("orderId", "o-1"));
    client
        .newPublishMessageCommand()
        .messageName(name("message"))
        .correlationKey("o-1")
        .timeToLive(Duration.ofMinutes(1))
        .variables(Map.of("amount", 12.5))
        .send()
        .join();
    ActivatedJob thank = job(name("thank"));
    complete(thank);
    return thank.getVariablesAsMap();
  }

  private Object publish() {
    return client
        .newPublishMessageCommand()
        .messageName(name("message"))
        .correlationKey("k")
        .messageId("1")
        .timeToLive(Duration.ofMinutes(1))
        .send()
        .join();
  }

  private Object twice() throws Exception {
    publish();
    return refused(this::publish);
  }

  private Object unknown() throws Exception {
    return List.of(
        refused(() -> create(name("order") + "-not", Map.of())),
        refused(() -> client.newCompleteCommand(told.get("unknown").asLong()).send().join()));
  }

  private Object cancel() throws Exception {
    long key = create(name("waits"), Map.of("orderId", "o-2"));
    client.newCancelInstanceCommand(key).send().join();
    return refused(() -> client.newCancelInstanceCommand(key).send().join());
  }

  private Object signal() {
    return client.newBroadcastSignalCommand().signalName(name("signal")).send().join().getKey() > 0;
  }

  private Object variables() {
    long key = create(name("order"), Map.of());
    client.newSetVariablesCommand(key).variables(Map.of("late", 1)).send().join();
    ActivatedJob charge = job(name("charge"));
    complete(charge);
    complete(job(name("ship")));
    return charge.getVariablesAsMap();
  }

  private Object decision() throws Exception {
    var answer =
        client
            .newEvaluateDecisionCommand()
            .decisionId(name("decision"))
            .variables(Map.of("amount", 100))
            .send()
            .join();
    return JSON.readTree(answer.getDecisionOutput());
  }

  private Object stream() throws Exception {
    List<Object> found = new ArrayList<>();
    CountDownLatch came = new CountDownLatch(1);
    try (var worker =
        client
            .newWorker()
            .jobType(name("charge"))
            .handler(
                (jobs, job) -> {
                  found.add(job.getVariablesAsMap());
                  jobs.newCompleteCommand(job.getKey()).send().join();
                  came.countDown();
                })
            .streamEnabled(true)
            .open()) {
      create(name("order"), Map.of("number", 7));
      came.await(20, TimeUnit.SECONDS);
    }
    complete(job(name("ship")));
    return found.get(0);
  }
}
