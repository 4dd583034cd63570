"""Prints what the services say of one client: python watch.py sam [TYPE], and ends with the first event of that type"""

import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaConsumer

MONEY = ("amount_cents", "paid_cents", "final_cost_cents", "refund_cents", "reason", "field", "what_to_do")


async def watch(me: str, until: str) -> None:
    topics = ("coverage", "claims", "settlement", "notification", "upstream")
    brokers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    async with AIOKafkaConsumer(*topics, bootstrap_servers=brokers, auto_offset_reset="earliest") as consumer:
        async for message in consumer:
            event = json.loads(message.value)
            data = event["data"]
            if data.get("client_id") == me or data.get("message_id", "").startswith(f"{me}-"):
                print(event["type"], {name: data[name] for name in MONEY if data.get(name) is not None}, flush=True)
                if event["type"] == until:
                    return


asyncio.run(watch(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
