// The flows of searching and of what only REST has, with the TypeScript client; orchestration_api.mjs plays them.

export function searches({ client, uploading, told, create, job, refused }) {
  const { files, names } = told;
  const now = { consistency: { waitUpToMs: 0 } };
  const of = (processInstanceKey, more = {}) => ({ filter: { processInstanceKey, ...more } });
  const stateOf = async (processInstanceKey) => (await client.getProcessInstance({ processInstanceKey }, now)).state;

  return {
    async definitions() {
      const { items } = await client.searchProcessDefinitions({ filter: { processDefinitionId: names.order } }, now);
      const { processDefinitionKey } = items[0];
      const again = await client.getProcessDefinition({ processDefinitionKey }, now);
      const xml = await client.getProcessDefinitionXml({ processDefinitionKey }, now);
      return {
        name: items[0].name,
        version: items[0].version,
        file: again.resourceName.split('/').at(-1),
        xml: xml.includes(names.order),
      };
    },
    async instances() {
      const keys = [await create(names.order, {}), await create(names.order, {})].map((each) => each.processInstanceKey);
      const wanted = { filter: { processInstanceKey: { $in: keys }, state: 'ACTIVE' } };
      const found = await client.searchProcessInstances(
        { ...wanted, sort: [{ field: 'processInstanceKey', order: 'DESC' }], page: { limit: 1 } }, now,
      );
      const got = await client.getProcessInstance({ processInstanceKey: keys[0] }, now);
      for (const processInstanceKey of keys) await client.cancelProcessInstance({ processInstanceKey });
      return {
        total: found.page.totalItems,
        newest: found.items[0].processInstanceKey === keys[1],
        process: got.processDefinitionId,
        state: got.state,
        left: (await client.searchProcessInstances(wanted, now)).items.length,
      };
    },
    async elements() {
      const { processInstanceKey } = await create(names.empty, {});
      const { items } = await client.searchElementInstances(of(processInstanceKey), now);
      const one = await client.getElementInstance({ elementInstanceKey: items[0].elementInstanceKey }, now);
      if (one.processInstanceKey !== processInstanceKey) throw new Error('another instance');
      return items.map((each) => [each.elementId, each.type, each.state]).filter(([id]) => id !== names.empty).sort();
    },
    async found_variables() {
      const { processInstanceKey } = await create(names.waits, { orderId: 'o-3', n: 1 });
      const { items } = await client.searchVariables(of(processInstanceKey, { name: { $like: '*' } }), now);
      const one = await client.getVariable({ variableKey: items[0].variableKey }, now);
      await client.cancelProcessInstance({ processInstanceKey });
      return [items.map((each) => [each.name, each.value]).sort(), one.name === items[0].name];
    },
    async incidents() {
      const { processInstanceKey } = await create(names.order, {});
      await client.failJob({ jobKey: (await job(names.charge)).jobKey, retries: 0, errorMessage: 'no' });
      const [incident] = (await client.searchIncidents(of(processInstanceKey, { state: 'ACTIVE' }), now)).items;
      const [itsJob] = (await client.searchJobs(of(processInstanceKey), now)).items;
      const before = await client.getProcessInstance({ processInstanceKey }, now);
      await client.updateJob({ jobKey: itsJob.jobKey, changeset: { retries: 1 } });
      await client.resolveIncident({ incidentKey: incident.incidentKey });
      const after = await client.getIncident({ incidentKey: incident.incidentKey }, now);
      const instance = await client.getProcessInstance({ processInstanceKey }, now);
      await client.cancelProcessInstance({ processInstanceKey });
      return {
        type: incident.errorType,
        element: incident.elementId,
        job: [itsJob.state, itsJob.retries],
        instance: [before.hasIncident, instance.hasIncident],
        resolved: after.state,
      };
    },
    async user_tasks() {
      await client.deployResourcesFromFiles([files.approval]);
      const { processInstanceKey } = await create(names.approval, { sum: 7 });
      const [task] = (await client.searchUserTasks(of(processInstanceKey, { state: 'CREATED' }), now)).items;
      const { userTaskKey } = task;
      await client.assignUserTask({ userTaskKey, assignee: 'bob', allowOverride: true });
      const mine = await client.searchUserTasks(of(processInstanceKey, { assignee: 'bob' }), now);
      const seen = await client.searchUserTaskVariables({ userTaskKey }, now);
      await client.completeUserTask({ userTaskKey, variables: { ok: true } });
      return {
        assignee: task.assignee,
        groups: task.candidateGroups,
        assigned: mine.items.length,
        variables: seen.items.map((each) => [each.name, each.value]),
        state: (await client.getUserTask({ userTaskKey }, now)).state,
        instance: await stateOf(processInstanceKey),
      };
    },
    async evaluations() {
      const wanted = { filter: { decisionDefinitionId: names.decision } };
      const [known] = (await client.searchDecisionDefinitions(wanted, now)).items;
      const { decisionDefinitionKey } = known;
      const got = await client.getDecisionDefinition({ decisionDefinitionKey }, now);
      await client.evaluateDecision({ decisionDefinitionId: names.decision, variables: { amount: 120 } });
      const { items } = await client.searchDecisionInstances(
        { ...wanted, sort: [{ field: 'evaluationDate', order: 'DESC' }], page: { limit: 100 } }, now,
      );
      const { decisionEvaluationInstanceKey } = items.find((each) => each.result === '12');
      const again = await client.getDecisionInstance({ decisionEvaluationInstanceKey }, now);
      return [got.name, again.state, again.result];
    },
    async batch() {
      const keys = [];
      for (const orderId of ['b-0', 'b-1']) keys.push((await create(names.waits, { orderId })).processInstanceKey);
      const { batchOperationKey } = await client.cancelProcessInstancesBatchOperation({
        filter: { processInstanceKey: { $in: keys } },
      });
      const done = await client.getBatchOperation({ batchOperationKey }, now);
      const { items } = await client.searchBatchOperationItems({ filter: { batchOperationKey } }, now);
      return [done.state, done.operationsCompletedCount, items.length, await stateOf(keys[0]), await stateOf(keys[1])];
    },
    async documents() {
      const file = new File(['Grüße'], 'a.txt', { type: 'text/plain' });
      const { documentId, metadata } = await uploading.createDocument({ file });
      const read = await client.getDocument({ documentId });
      await client.deleteDocument({ documentId });
      const gone = await refused(() => client.getDocument({ documentId }));
      return [metadata.fileName, (typeof read === 'string' ? read : await read.text()) === 'Grüße', gone];
    },
  };
}
