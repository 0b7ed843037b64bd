using System;
using System.Threading.Tasks;
using GatewayProtocol;
using Zeebe.Client;
using Zeebe.Client.Api.Responses;
using Zeebe.Client.Api.Worker;

namespace Shop
{
    public class PaymentWorker
    {
        private readonly IZeebeClient client;

        public async Task Run()
        {
            var topology = await client.TopologyRequest().Send(); // calls: Topology
            await client.NewDeployCommand().AddResourceFile("order.bpmn").Send(); // calls: DeployResource
            await client.NewCreateProcessInstanceCommand() // calls: CreateProcessInstance
                .BpmnProcessId("order")
                .LatestVersion()
                .Variables("{}")
                .Send();
            await client.NewCreateProcessInstanceCommand().BpmnProcessId("quote").LatestVersion().WithResult().Send(); // calls: CreateProcessInstanceWithResult
            client.NewWorker().JobType("charge").Handler(Handle).MaxJobsActive(5).Open(); // calls: ActivateJobs
            await client.NewPublishMessageCommand().MessageName("paid").CorrelationKey("1").Send(); // calls: PublishMessage
            Console.WriteLine(Topology());
        }

        private static async Task Handle(IJobClient jobs, IJob job)
        {
            await jobs.NewCompleteJobCommand(job).Variables("{}").Send(); // calls: CompleteJob
            await jobs.NewThrowErrorCommand(job.Key).ErrorCode("DECLINED").Send(); // calls: ThrowError
        }

        private async Task Raw(Gateway.GatewayClient gateway)
        {
            await gateway.CancelProcessInstanceAsync(new CancelProcessInstanceRequest { ProcessInstanceKey = 1 }); // calls: CancelProcessInstance
        }

        private static string Topology() => "flat";
    }
}
