package main

import (
	"context"
	"log"

	"github.com/camunda/zeebe/clients/go/v8/pkg/entities"
	"github.com/camunda/zeebe/clients/go/v8/pkg/pb"
	"github.com/camunda/zeebe/clients/go/v8/pkg/worker"
	"github.com/camunda/zeebe/clients/go/v8/pkg/zbc"
)

func main() {
	client, err := zbc.NewClient(&zbc.ClientConfig{GatewayAddress: "localhost:26500", UsePlaintextConnection: true})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	client.NewDeployResourceCommand().AddResourceFile("order.bpmn").Send(ctx) // calls: DeployResource
	request, err := client.NewCreateInstanceCommand().BPMNProcessId("order").LatestVersion().VariablesFromMap(nil) // calls: CreateProcessInstance
	if err != nil {
		panic(err)
	}
	request.Send(ctx)
	client.NewTopologyCommand().Send(ctx) // calls: Topology
	jobWorker := client.NewJobWorker().JobType("charge").Handler(handle).Open() // calls: ActivateJobs
	jobWorker.AwaitClose()
}

func handle(client worker.JobClient, job entities.Job) {
	if _, err := client.NewCompleteJobCommand().JobKey(job.GetKey()).Send(context.Background()); err != nil { // calls: CompleteJob
		client.NewFailJobCommand().JobKey(job.GetKey()).Retries(job.Retries - 1).Send(context.Background()) // calls: FailJob
	}
	log.Println("CompleteJob")
	Topology()
}

func raw(gateway pb.GatewayClient) {
	gateway.PublishMessage(context.Background(), &pb.PublishMessageRequest{Name: "paid", CorrelationKey: "1"}) // calls: PublishMessage
	gateway.SetVariables(context.Background(), &pb.SetVariablesRequest{ElementInstanceKey: 1}) // calls: SetVariables
}

func Topology() {}
