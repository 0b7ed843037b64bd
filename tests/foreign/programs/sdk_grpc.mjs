// Our flows over gRPC with the TypeScript SDK. Prints what it saw as JSON.
import sdk from '@camunda8/sdk';

const told = JSON.parse(process.argv[2]);
const { files, names } = told;
const client = new sdk.Camunda8({
  ZEEBE_GRPC_ADDRESS: `grpc://${told.grpc}`,
  CAMUNDA_OAUTH_STRATEGY: 'NONE',
  CAMUNDA_AUTH_STRATEGY: 'NONE',
  CAMUNDA_SECURE_CONNECTION: false,
  CAMUNDA_LOG_LEVEL: 'none',
  zeebeGrpcSettings: { ZEEBE_CLIENT_LOG_LEVEL: 'NONE' },
}).getZeebeGrpcApiClient();

const create = (bpmnProcessId, variables) => client.createProcessInstance({ bpmnProcessId, variables });

async function job(type) {
  const jobs = await client.activateJobs({
    type, worker: 'foreign', timeout: 60000, maxJobsToActivate: 1, requestTimeout: 10000,
  });
  return jobs[0];
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { 5: 'not found', 6: 'already exists' }[error.code] ?? String(error);
  }
  return 'nothing';
}

const complete = (found, variables = {}) => client.completeJob({ jobKey: found.key, variables });

const flows = {
  async topology() {
    const answer = await client.topology();
    return { version: answer.gatewayVersion, partitions: answer.partitionsCount };
  },
  async deploy() {
    const order = await client.deployResource({ processFilename: files.order });
    await client.deployResource({ processFilename: files.message });
    await client.deployResource({ processFilename: files.empty });
    await client.deployResource({ decisionFilename: files.discount });
    const { process } = order.deployments[0];
    return { process: process.bpmnProcessId, version: process.version };
  },
  async jobs() {
    await create(names.order, told.variables);
    const charge = await job(names.charge);
    await complete(charge, { paid: true });
    const ship = await job(names.ship);
    await complete(ship);
    return {
      variables: charge.variables,
      headers: charge.customHeaders,
      retries: charge.retries,
      process: charge.bpmnProcessId,
      element: charge.elementId,
      paid: ship.variables.paid,
    };
  },
  async result() {
    const answer = await client.createProcessInstanceWithResult({
      bpmnProcessId: names.empty, variables: { a: 1 }, requestTimeout: 10000,
    });
    return answer.variables;
  },
  async retries() {
    await create(names.order, {});
    const first = await job(names.charge);
    await client.failJob({ jobKey: first.key, retries: 1, errorMessage: 'no', retryBackOff: 0 });
    const again = await job(names.charge);
    await complete(again);
    await complete(await job(names.ship));
    return [first.retries, again.retries, first.key === again.key];
  },
  async message() {
    await create(names.waits, { orderId: 'o-1' });
    await client.publishMessage({
      name: names.message, correlationKey: 'o-1', timeToLive: 60000, variables: { amount: 12.5 },
    });
    const thank = await job(names.thank);
    await complete(thank);
    return thank.variables;
  },
  async twice() {
    const message = { name: names.message, correlationKey: 'k', messageId: '1', timeToLive: 60000, variables: {} };
    await client.publishMessage(message);
    return refused(() => client.publishMessage(message));
  },
  async unknown() {
    return [
      await refused(() => create(`${names.order}-not`, {})),
      await refused(() => client.completeJob({ jobKey: String(told.unknown), variables: {} })),
    ];
  },
  async cancel() {
    const { processInstanceKey } = await create(names.waits, { orderId: 'o-2' });
    await client.cancelProcessInstance(processInstanceKey);
    return refused(() => client.cancelProcessInstance(processInstanceKey));
  },
  async signal() {
    return Number((await client.broadcastSignal({ signalName: names.signal, variables: {} })).key) > 0;
  },
  async variables() {
    const { processInstanceKey } = await create(names.order, {});
    await client.setVariables({ elementInstanceKey: processInstanceKey, variables: { late: 1 }, local: false });
    const charge = await job(names.charge);
    await complete(charge);
    await complete(await job(names.ship));
    return charge.variables;
  },
  async decision() {
    const answer = await client.evaluateDecision({ decisionId: names.decision, variables: { amount: 100 } });
    return JSON.parse(answer.decisionOutput);
  },
};

const seen = {};
for (const [name, flow] of Object.entries(flows)) {
  try {
    seen[name] = await flow();
  } catch (error) {
    seen[name] = String(error);
  }
}
console.log(JSON.stringify(seen));
process.exit(0);
