#!/bin/sh
# Makes the namespace of Evenkeel, should it not be there. Histories are archived long before the retention ends.
set -eu

describe() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" --address "$TEMPORAL_ADDRESS"
}

# An open port is not yet a server that answers.
tries=0
until temporal operator cluster health --address "$TEMPORAL_ADDRESS"; do
  tries=$((tries + 1))
  if [ "$tries" -ge 30 ]; then
    echo "Temporal does not answer at $TEMPORAL_ADDRESS"
    exit 1
  fi
  sleep 2
done

describe ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d --address "$TEMPORAL_ADDRESS"
