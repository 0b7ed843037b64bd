const { ZBClient } = require('zeebe-node')

const client = new ZBClient()
client.createWorker('ship', async (job) => job.complete()) // calls: ActivateJobs
client.setVariables({ elementInstanceKey: '1', variables: {}, local: true }) // calls: SetVariables
client.close()
