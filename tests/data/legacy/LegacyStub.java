package com.example.stub;

import io.camunda.zeebe.gateway.protocol.GatewayGrpc;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.CompleteJobRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.TopologyRequest;
import io.grpc.ManagedChannelBuilder;
import io.camunda.zeebe.spring.client.annotation.JobWorker;

class LegacyStub {
  private final GatewayGrpc.GatewayBlockingStub stub =
      GatewayGrpc.newBlockingStub(ManagedChannelBuilder.forAddress("localhost", 26500).usePlaintext().build());

  void complete(long key) {
    stub.completeJob(CompleteJobRequest.newBuilder().setJobKey(key).setVariables("{}").build()); // calls: CompleteJob
    stub.topology(TopologyRequest.getDefaultInstance()); // calls: Topology
    this.topology("of the network");
  }

  @JobWorker(type = "ship", autoComplete = true) // calls: ActivateJobs
  void ship() {}

  void topology(String what) {}
}
