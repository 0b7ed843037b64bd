// Our flows with the TypeScript client of the REST API. Prints what it saw as JSON.
import createCamundaClient from '@camunda8/orchestration-cluster-api';
import { searches } from './orchestration_searches.mjs';

const told = JSON.parse(process.argv[2]);
const { files, names } = told;
const connect = (validation) => createCamundaClient({
  config: {
    CAMUNDA_REST_ADDRESS: told.rest,
    CAMUNDA_AUTH_STRATEGY: 'NONE',
    CAMUNDA_SDK_LOG_LEVEL: 'silent',
    CAMUNDA_SDK_VALIDATION: validation,
    CAMUNDA_SDK_HTTP_RETRY_MAX_ATTEMPTS: 1,
  },
});
const client = connect('req:strict,res:strict');
// Its own check of requests takes a file to be text, and refuses every file.
const uploading = connect('req:none,res:strict');

const create = (processDefinitionId, variables) => client.createProcessInstance({ processDefinitionId, variables });

async function job(type) {
  const { jobs } = await client.activateJobs({
    type, worker: 'foreign', timeout: 60000, maxJobsToActivate: 1, requestTimeout: 10000,
  });
  return jobs[0];
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { 404: 'not found', 409: 'already exists' }[error.status] ?? String(error);
  }
  return 'nothing';
}

const flows = {
  async topology() {
    const answer = await client.getTopology();
    return { version: answer.gatewayVersion, partitions: answer.partitionsCount };
  },
  async deploy() {
    let found;
    for (const name of ['order', 'message', 'empty', 'discount']) {
      const answer = await client.deployResourcesFromFiles([files[name]]);
      if (name === 'order') {
        const [process] = answer.processes;
        found = { process: process.processDefinitionId, version: process.processDefinitionVersion };
      }
    }
    return found;
  },
  async jobs() {
    await create(names.order, told.variables);
    const charge = await job(names.charge);
    await client.completeJob({ jobKey: charge.jobKey, variables: { paid: true } });
    const ship = await job(names.ship);
    await client.completeJob({ jobKey: ship.jobKey });
    return {
      variables: charge.variables,
      headers: charge.customHeaders,
      retries: charge.retries,
      process: charge.processDefinitionId,
      element: charge.elementId,
      paid: ship.variables.paid,
    };
  },
  async result() {
    const answer = await client.createProcessInstance({
      processDefinitionId: names.empty, variables: { a: 1 }, awaitCompletion: true, requestTimeout: 10000,
    });
    return answer.variables;
  },
  async retries() {
    await create(names.order, {});
    const first = await job(names.charge);
    await client.failJob({ jobKey: first.jobKey, retries: 1, errorMessage: 'no' });
    const again = await job(names.charge);
    await client.completeJob({ jobKey: again.jobKey });
    await client.completeJob({ jobKey: (await job(names.ship)).jobKey });
    return [first.retries, again.retries, first.jobKey === again.jobKey];
  },
  async message() {
    await create(names.waits, { orderId: 'o-1' });
    await client.publishMessage({
      name: names.message, correlationKey: 'o-1', timeToLive: 60000, variables: { amount: 12.5 },
    });
    const thank = await job(names.thank);
    await client.completeJob({ jobKey: thank.jobKey });
    return thank.variables;
  },
  async twice() {
    const message = { name: names.message, correlationKey: 'k', messageId: '1', timeToLive: 60000 };
    await client.publishMessage(message);
    return refused(() => client.publishMessage(message));
  },
  async unknown() {
    return [
      await refused(() => create(`${names.order}-not`, {})),
      await refused(() => client.completeJob({ jobKey: String(told.unknown) })),
    ];
  },
  async cancel() {
    const { processInstanceKey } = await create(names.waits, { orderId: 'o-2' });
    await client.cancelProcessInstance({ processInstanceKey });
    return refused(() => client.cancelProcessInstance({ processInstanceKey }));
  },
  async signal() {
    return Number((await client.broadcastSignal({ signalName: names.signal })).signalKey) > 0;
  },
  async variables() {
    const { processInstanceKey } = await create(names.order, {});
    await client.createElementInstanceVariables({ elementInstanceKey: processInstanceKey, variables: { late: 1 } });
    const charge = await job(names.charge);
    await client.completeJob({ jobKey: charge.jobKey });
    await client.completeJob({ jobKey: (await job(names.ship)).jobKey });
    return charge.variables;
  },
  async decision() {
    const answer = await client.evaluateDecision({
      decisionDefinitionId: names.decision, variables: { amount: 100 },
    });
    return JSON.parse(answer.output);
  },
};

const seen = {};
for (const [name, flow] of Object.entries({ ...flows, ...searches({ client, uploading, told, create, job, refused }) })) {
  try {
    seen[name] = await flow();
  } catch (error) {
    seen[name] = String(error);
  }
}
console.log(JSON.stringify(seen));
process.exit(0);
