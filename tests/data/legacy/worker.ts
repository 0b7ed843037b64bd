import { Camunda8 } from '@camunda8/sdk'
import { ZBClient } from 'zeebe-node'

const zbc = new ZBClient('localhost:26500')
const zeebe = new Camunda8().getZeebeGrpcApiClient()

async function main(): Promise<void> {
  await zeebe.deployResource({ processFilename: 'order.bpmn' }) // calls: DeployResource
  const created = await zbc.createProcessInstance({ bpmnProcessId: 'order', version: 1, variables: { a: 1 } }) // calls: CreateProcessInstance
  const result = await zeebe.createProcessInstanceWithResult({ bpmnProcessId: 'quote', variables: {} }) // calls: CreateProcessInstanceWithResult
  zbc.createWorker({ // calls: ActivateJobs
    taskType: 'charge',
    taskHandler: async (job) => job.complete({ paid: true }),
  })
  await zbc.publishMessage({ name: 'paid', correlationKey: '4711', timeToLive: 10000 }) // calls: PublishMessage
  await zeebe.cancelProcessInstance(created.processInstanceKey) // calls: CancelProcessInstance
  await zeebe.completeJob({ jobKey: '1', variables: {} }) // calls: CompleteJob
  console.log(await zbc.topology(), result) // calls: Topology
  topology()
  console.log('completeJob')
}

function topology(): void {}

main()
