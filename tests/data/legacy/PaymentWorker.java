package com.example.payment;

import io.camunda.zeebe.client.ZeebeClient;
import io.camunda.zeebe.client.api.response.ActivatedJob;
import io.camunda.zeebe.client.api.worker.JobClient;
import io.camunda.zeebe.client.api.worker.JobWorker;
import java.time.Duration;
import java.util.Map;

public final class PaymentWorker {

  private final ZeebeClient client;

  PaymentWorker(final ZeebeClient client) {
    this.client = client;
  }

  public static void main(final String[] args) throws Exception {
    try (ZeebeClient client = ZeebeClient.newClientBuilder().gatewayAddress("localhost:26500").usePlaintext().build()) {
      client.newDeployResourceCommand().addResourceFromClasspath("order.bpmn").send().join(); // calls: DeployResource
      System.out.println(client.newTopologyRequest().send().join()); // calls: Topology
      new PaymentWorker(client).run();
    }
  }

  void run() throws InterruptedException {
    final JobWorker worker =
        client
            .newWorker() // calls: ActivateJobs, StreamActivatedJobs
            .jobType("charge-card")
            .handler(this::handle)
            .timeout(Duration.ofSeconds(30))
            .streamEnabled(true)
            .open();
    Thread.sleep(1000);
    worker.close();
  }

  private void handle(final JobClient jobs, final ActivatedJob job) {
    if (job.getRetries() > 1) {
      jobs.newCompleteCommand(job.getKey()).variables(Map.of("paid", true)).send().join(); // calls: CompleteJob
    } else {
      jobs.newFailCommand(job) // calls: FailJob
          .retries(job.getRetries() - 1)
          .errorMessage("declined")
          .send()
          .join();
    }
    completeJob(job);
    log("newCompleteCommand()");
  }

  void completeJob(final ActivatedJob job) {}

  void log(final String text) {}

  long start(final String order) {
    return client
        .newCreateInstanceCommand() // calls: CreateProcessInstance
        .bpmnProcessId("order")
        .latestVersion()
        .variables(order)
        .send()
        .join()
        .getProcessInstanceKey();
  }

  Object startAndWait() {
    return client.newCreateInstanceCommand().bpmnProcessId("quote").latestVersion().withResult() // calls: CreateProcessInstanceWithResult
        .requestTimeout(Duration.ofSeconds(5)).send().join();
  }

  void others(final long key) {
    client.newPublishMessageCommand().messageName("paid").correlationKey("4711").send(); // calls: PublishMessage
    client.newCancelInstanceCommand(key).send(); // calls: CancelProcessInstance
    client.newUpdateRetriesCommand(key).retries(3).send(); // calls: UpdateJobRetries
    client.newResolveIncidentCommand(key).send(); // calls: ResolveIncident
    client.newSetVariablesCommand(key).variables("{}").send(); // calls: SetVariables
    client.newThrowErrorCommand(key).errorCode("DECLINED").send(); // calls: ThrowError
    client.newUserTaskCompleteCommand(key).send();
  }
}
