"""The process that the tests of the vocabulary play."""

from __future__ import annotations

ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
             id="d" targetNamespace="t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <error id="refused" errorCode="REFUSED" />
  <process id="order" isExecutable="true">
    <startEvent id="ordered" />
    <sequenceFlow id="f1" sourceRef="ordered" targetRef="charge" />
    <serviceTask id="charge">
      <extensionElements><zeebe:taskDefinition type="charge" retries="2" /></extensionElements>
    </serviceTask>
    <boundaryEvent id="on-refused" attachedToRef="charge"><outgoing>f-refused</outgoing>
      <errorEventDefinition errorRef="refused" /></boundaryEvent>
    <sequenceFlow id="f-refused" sourceRef="on-refused" targetRef="lost" />
    <endEvent id="lost" />
    <sequenceFlow id="f2" sourceRef="charge" targetRef="wait" />
    <intermediateCatchEvent id="wait"><timerEventDefinition>
      <timeDuration xsi:type="tFormalExpression">P2D</timeDuration></timerEventDefinition></intermediateCatchEvent>
    <sequenceFlow id="f3" sourceRef="wait" targetRef="rate" />
    <businessRuleTask id="rate">
      <extensionElements><zeebe:calledDecision decisionId="rating" resultVariable="rate" /></extensionElements>
    </businessRuleTask>
    <sequenceFlow id="f4" sourceRef="rate" targetRef="ship" />
    <callActivity id="ship">
      <extensionElements><zeebe:calledElement processId="shipping" propagateAllChildVariables="true" /></extensionElements>
    </callActivity>
    <sequenceFlow id="f5" sourceRef="ship" targetRef="approve" />
    <userTask id="approve">
      <extensionElements><zeebe:userTask />
        <zeebe:assignmentDefinition assignee="ada" candidateGroups="=[&quot;staff&quot;, &quot;boss&quot;]" />
      </extensionElements>
    </userTask>
    <sequenceFlow id="f6" sourceRef="approve" targetRef="done" />
    <endEvent id="done" />
  </process>
</definitions>
"""
