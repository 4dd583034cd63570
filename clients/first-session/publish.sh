#!/bin/sh
# Publishes the messages beside this file with kcat, for a client of the name that you give: sh publish.sh sam
set -eu
cd "$(dirname "$0")"
for topic in directory clients sessions; do
    sed -e "s/{{me}}/$1/g" -e "s/{{now}}/$(date -u +%Y-%m-%dT%H:%M:%SZ)/g" -e "s/{{today}}/$(date -u +%Y-%m-%d)/g" "$topic.tsv" |
        kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t "$topic" -K "$(printf '\t')"
    echo "$topic"
done
