import com.fasterxml.jackson.databind.JsonNode;
import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ProblemException;
import io.camunda.client.api.response.ActivatedJob;
import io.camunda.client.api.search.enums.IncidentState;
import io.camunda.client.api.search.enums.ProcessInstanceState;
import io.camunda.client.api.search.enums.UserTaskState;
import io.camunda.client.api.search.response.ElementInstance;
import io.camunda.client.api.search.response.ProcessInstance;
import io.camunda.client.api.search.response.Variable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The flows of searching and of what only REST has, with the official Java client; Official plays them. */
final class Searches {
  private final CamundaClient client;
  private final JsonNode told;
  private final BiFunction<String, Map<String, Object>, Long> create;
  private final Function<String, ActivatedJob> job;

  Searches(
      CamundaClient client,
      JsonNode told,
      BiFunction<String, Map<String, Object>, Long> create,
      Function<String, ActivatedJob> job) {
    this.client = client;
    this.told = told;
    this.create = create;
    this.job = job;
  }

  Map<String, Callable<Object>> flows() {
    Map<String, Callable<Object>> flows = new LinkedHashMap<>();
    flows.put("definitions", this::definitions);
    flows.put("instances", this::instances);
    flows.put("elements", this::elements);
    flows.put("found_variables", this::variables);
    flows.put("incidents", this::incidents);
    flows.put("user_tasks", this::userTasks);
    flows.put("evaluations", this::evaluations);
    flows.put("batch", this::batch);
    flows.put("documents", this::documents);
    return flows;
  }

  private String name(String what) {
    return told.get("names").get(what).asText();
  }

  private ProcessInstance instance(long key) {
    return client.newProcessInstanceGetRequest(key).send().join();
  }

  private void cancel(long key) {
    client.newCancelInstanceCommand(key).send().join();
  }

  private Object definitions() {
    var found =
        client
            .newProcessDefinitionSearchRequest()
            .filter(filter -> filter.processDefinitionId(name("order")))
            .send()
            .join();
    long key = found.items().get(0).getProcessDefinitionKey();
    var again = client.newProcessDefinitionGetRequest(key).send().join();
    String xml = client.newProcessDefinitionGetXmlRequest(key).send().join();
    return Map.of(
        "name", found.items().get(0).getName(),
        "version", found.items().get(0).getVersion(),
        "file", again.getResourceName().replaceAll(".*/", ""),
        "xml", xml.contains(name("order")));
  }

  private Object instances() {
    List<Long> keys = List.of(create.apply(name("order"), Map.of()), create.apply(name("order"), Map.of()));
    var page =
        client
            .newProcessInstanceSearchRequest()
            .filter(f -> f.processInstanceKey(key -> key.in(keys)).state(ProcessInstanceState.ACTIVE))
            .sort(sort -> sort.processInstanceKey().desc())
            .page(limits -> limits.limit(1))
            .send()
            .join();
    ProcessInstance first = instance(keys.get(0));
    keys.forEach(this::cancel);
    var left =
        client
            .newProcessInstanceSearchRequest()
            .filter(f -> f.processInstanceKey(key -> key.in(keys)).state(ProcessInstanceState.ACTIVE))
            .send()
            .join();
    return Map.of(
        "total", page.page().totalItems(),
        "newest", page.items().get(0).getProcessInstanceKey().equals(keys.get(1)),
        "process", first.getProcessDefinitionId(),
        "state", first.getState().name(),
        "left", left.items().size());
  }

  private Object elements() {
    long key = create.apply(name("empty"), Map.of());
    List<ElementInstance> found =
        client.newElementInstanceSearchRequest().filter(f -> f.processInstanceKey(key)).send().join().items();
    var one = client.newElementInstanceGetRequest(found.get(0).getElementInstanceKey()).send().join();
    if (one.getProcessInstanceKey() != key) {
      throw new IllegalStateException("another instance");
    }
    return found.stream()
        .filter(each -> !each.getElementId().equals(name("empty")))
        .sorted(Comparator.comparing(ElementInstance::getElementId))
        .map(each -> List.of(each.getElementId(), each.getType().name(), each.getState().name()))
        .toList();
  }

  private Object variables() {
    long key = create.apply(name("waits"), Map.of("orderId", "o-3", "n", 1));
    List<Variable> found =
        client
            .newVariableSearchRequest()
            .filter(f -> f.processInstanceKey(key).name(text -> text.like("*")))
            .send()
            .join()
            .items();
    Variable one = client.newVariableGetRequest(found.get(0).getVariableKey()).send().join();
    cancel(key);
    List<Object> rows = new ArrayList<>();
    found.stream()
        .sorted(Comparator.comparing(Variable::getName))
        .forEach(each -> rows.add(List.of(each.getName(), each.getValue())));
    return List.of(rows, one.getName().equals(found.get(0).getName()));
  }

  private Object incidents() {
    long key = create.apply(name("order"), Map.of());
    client.newFailCommand(job.apply(name("charge")).getKey()).retries(0).errorMessage("no").send().join();
    var incident =
        client
            .newIncidentSearchRequest()
            .filter(f -> f.processInstanceKey(key).state(IncidentState.ACTIVE))
            .send()
            .join()
            .items()
            .get(0);
    var itsJob =
        client.newJobSearchRequest().filter(f -> f.processInstanceKey(key)).send().join().items().get(0);
    boolean before = instance(key).getHasIncident();
    client.newUpdateRetriesCommand(itsJob.getJobKey()).retries(1).send().join();
    client.newResolveIncidentCommand(incident.getIncidentKey()).send().join();
    var after = client.newIncidentGetRequest(incident.getIncidentKey()).send().join();
    boolean hasIncident = instance(key).getHasIncident();
    cancel(key);
    return Map.of(
        "type", incident.getErrorType().name(),
        "element", incident.getElementId(),
        "job", List.of(itsJob.getState().name(), itsJob.getRetries()),
        "instance", List.of(before, hasIncident),
        "resolved", after.getState().name());
  }

  private Object userTasks() {
    client
        .newDeployResourceCommand()
        .addResourceFile(told.get("files").get("approval").asText())
        .send()
        .join();
    long key = create.apply(name("approval"), Map.of("sum", 7));
    var task =
        client
            .newUserTaskSearchRequest()
            .filter(f -> f.processInstanceKey(key).state(UserTaskState.CREATED))
            .send()
            .join()
            .items()
            .get(0);
    client.newAssignUserTaskCommand(task.getUserTaskKey()).assignee("bob").allowOverride(true).send().join();
    var mine =
        client
            .newUserTaskSearchRequest()
            .filter(f -> f.processInstanceKey(key).assignee("bob"))
            .send()
            .join();
    var seen = client.newUserTaskVariableSearchRequest(task.getUserTaskKey()).send().join().items();
    client.newCompleteUserTaskCommand(task.getUserTaskKey()).variables(Map.of("ok", true)).send().join();
    return Map.of(
        "assignee", task.getAssignee(),
        "groups", task.getCandidateGroups(),
        "assigned", mine.items().size(),
        "variables", seen.stream().map(each -> List.of(each.getName(), each.getValue())).toList(),
        "state", client.newUserTaskGetRequest(task.getUserTaskKey()).send().join().getState().name(),
        "instance", instance(key).getState().name());
  }

  private Object evaluations() {
    var known =
        client
            .newDecisionDefinitionSearchRequest()
            .filter(f -> f.decisionDefinitionId(name("decision")))
            .send()
            .join()
            .items()
            .get(0);
    var got = client.newDecisionDefinitionGetRequest(known.getDecisionKey()).send().join();
    client
        .newEvaluateDecisionCommand()
        .decisionId(name("decision"))
        .variables(Map.of("amount", 120))
        .send()
        .join();
    var last =
        client
            .newDecisionInstanceSearchRequest()
            .filter(f -> f.decisionDefinitionId(name("decision")))
            .sort(sort -> sort.evaluationDate().desc())
            .page(limits -> limits.limit(100))
            .send()
            .join()
            .items()
            .stream()
            .filter(each -> each.getResult().equals("12"))
            .findFirst()
            .get();
    var again = client.newDecisionInstanceGetRequest(last.getDecisionInstanceId()).send().join();
    return List.of(got.getDmnDecisionName(), again.getState().name(), again.getResult());
  }

  private Object batch() {
    List<Long> keys =
        List.of(
            create.apply(name("waits"), Map.of("orderId", "b-0")),
            create.apply(name("waits"), Map.of("orderId", "b-1")));
    String key =
        client
            .newCreateBatchOperationCommand()
            .processInstanceCancel()
            .filter(f -> f.processInstanceKey(each -> each.in(keys)))
            .send()
            .join()
            .getBatchOperationKey();
    var done = client.newBatchOperationGetRequest(key).send().join();
    var items =
        client.newBatchOperationItemsSearchRequest().filter(f -> f.batchOperationKey(key)).send().join();
    return List.of(
        done.getStatus().name(),
        done.getOperationsCompletedCount(),
        items.items().size(),
        instance(keys.get(0)).getState().name(),
        instance(keys.get(1)).getState().name());
  }

  private Object documents() throws Exception {
    byte[] content = "Grüße".getBytes(StandardCharsets.UTF_8);
    var kept =
        client.newCreateDocumentCommand().content(content).fileName("a.txt").contentType("text/plain").send().join();
    byte[] read = client.newDocumentContentGetRequest(kept).send().join().readAllBytes();
    client.newDeleteDocumentCommand(kept).send().join();
    String gone = "nothing";
    try {
      client.newDocumentContentGetRequest(kept).send().join();
    } catch (ProblemException error) {
      gone = error.code() == 404 ? "not found" : error.toString();
    }
    return List.of(kept.getMetadata().getFileName(), java.util.Arrays.equals(read, content), gone);
  }
}
