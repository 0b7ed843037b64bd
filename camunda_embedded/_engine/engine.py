"""The engine: its kernel and its parts, put together. Each part knows the kernel and the parts made before it, and no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from camunda_embedded._engine.ad_hoc import JOB_KIND, AdHocs
from camunda_embedded._engine.answers import Answers
from camunda_embedded._engine.behaviors import Means
from camunda_embedded._engine.compensation import Compensation
from camunda_embedded._engine.conditions import Conditions
from camunda_embedded._engine.creation import Creation
from camunda_embedded._engine.decisions import Decisions
from camunda_embedded._engine.deployments import Deployments
from camunda_embedded._engine.escalations import Escalations
from camunda_embedded._engine.events import Events
from camunda_embedded._engine.incidents import Incidents
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.lifecycle import Lifecycle
from camunda_embedded._engine.messages import Messages
from camunda_embedded._engine.migration import Migration
from camunda_embedded._engine.modification import Modification
from camunda_embedded._engine.rejections import Line
from camunda_embedded._engine.resolution import Resolution
from camunda_embedded._engine.resources import TENANT, Repository
from camunda_embedded._engine.signals import Signals
from camunda_embedded._engine.task_listeners import TASK_LISTENER, TaskListeners
from camunda_embedded._engine.timers import Timers
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.user_tasks import UserTasks
from camunda_embedded._engine.variables import Variables
from camunda_embedded._records import Log

__all__ = ["CONDITIONAL_SINCE", "Engine"]

#: The line of the engine that was the first to have conditional events.
CONDITIONAL_SINCE: Line = (8, 9)


class Engine:
    """A partition of the workflow engine, of one tenant; the arguments are those of ``Kernel``."""

    def __init__(
        self,
        now: Callable[[], int],
        *,
        line: Line = (8, 6),
        tenants: Sequence[str] = (TENANT,),
        tenant: str = TENANT,
        log: Log | None = None,
    ) -> None:
        kernel = self.kernel = Kernel(now, line=line, tenants=tenants, tenant=tenant, log=log)
        repository = self.repository = Repository()
        incidents = Incidents(kernel)
        variables = self.variables = Variables(kernel)
        tree = Tree(kernel)
        triggers = Triggers(kernel, variables, tree)
        timers = Timers(kernel, variables, tree, triggers)
        messages = self.messages = Messages(kernel, variables, tree, triggers)
        signals = self.signals = Signals(kernel, variables, tree, triggers)
        conditions = self.conditions = Conditions(kernel, variables, repository, tree, triggers)
        events = Events(messages, timers, signals, conditions)
        jobs = self.jobs = Jobs(kernel, incidents)
        self.answers = Answers(kernel, incidents, variables, tree, triggers, jobs)
        listeners = TaskListeners(kernel, variables, repository, incidents, jobs)
        self.answers.kinds[TASK_LISTENER] = listeners
        user_tasks = self.user_tasks = UserTasks(kernel, tree, triggers, listeners)
        decisions = self.decisions = Decisions(kernel, variables, repository)
        escalations = Escalations(kernel, variables, tree, triggers)
        means = Means(
            kernel,
            variables,
            repository,
            tree,
            triggers,
            messages,
            signals,
            events,
            jobs,
            decisions,
            user_tasks,
            escalations,
        )
        compensation = Compensation(kernel, variables, tree)
        ad_hoc = self.ad_hoc = AdHocs(kernel, variables, tree, jobs)
        self.answers.kinds[JOB_KIND] = ad_hoc
        lifecycle = self.lifecycle = Lifecycle(means, incidents, compensation, ad_hoc)
        self.resolution = Resolution(kernel, incidents, jobs, user_tasks, lifecycle)
        self.deployments = Deployments(kernel, repository, events)
        self.creation = Creation(kernel, variables, repository, tree, lifecycle)
        self.modification = Modification(
            kernel, incidents, variables, tree, messages, events, jobs, user_tasks, lifecycle, compensation
        )
        self.migration = Migration(
            kernel, variables, repository, tree, messages, events, jobs, user_tasks, compensation
        )
        conditional = line >= CONDITIONAL_SINCE  # before, nothing asks for changes of variables
        variables.on_changed = conditions.note if conditional else None
        for part in (variables, timers, messages, signals, conditions, jobs, self.answers, user_tasks, decisions, ad_hoc,
                     lifecycle,
                     self.resolution, self.deployments, self.creation, self.modification, self.migration):  # fmt: skip
            kernel.register(conditions.observing(part.handlers) if conditional else part.handlers)
