import { Broker } from './broker'

export async function run(broker: Broker): Promise<void> {
  await broker.publishMessage({ name: 'paid' })
  await broker.topology()
  await broker.completeJob(3)
}
