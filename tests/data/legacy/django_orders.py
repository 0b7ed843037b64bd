"""Has nothing to do with the gateway, and sounds like it."""


class Queue:
    def publish_message(self, name): ...

    def complete_job(self, key): ...

    def CompleteJob(self, key): ...


def run(queue, client):
    queue.publish_message("order")
    queue.complete_job(3)
    queue.CompleteJob(3)
    client.topology()
    client.deploy_resource("x")
    getattr(queue, "complete" + "_job")(3)
