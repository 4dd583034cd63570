"""Publishes the messages beside this file, for a client of the name that you give: python publish.py sam"""

import asyncio
import datetime
import os
import pathlib
import sys

from aiokafka import AIOKafkaProducer

HERE = pathlib.Path(__file__).parent


async def publish(me: str) -> None:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    async with AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
        for topic in ("directory", "clients", "sessions"):
            text = (HERE / f"{topic}.tsv").read_text()
            text = text.replace("{{me}}", me).replace("{{now}}", now).replace("{{today}}", now[:10])
            for line in text.splitlines():
                key, value = line.split("\t")
                await producer.send_and_wait(topic, value.encode(), key=key.encode())
                print(topic, key)


asyncio.run(publish(sys.argv[1]))
