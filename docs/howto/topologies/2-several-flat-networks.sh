#!/bin/sh
# Topology 2: several flat networks to choose from.
#
# One network for each physical network, such as one for each NIC: what is on one does not see the other, unless the
# data centre's own routers lead there. Whoever starts an instance chooses where it is plugged in. The addresses of the
# two may overlap; here they do not.
#
# Start Neutronium with: sudo script/up --bridge-mapping physnet1:br-ex physnet2:br-lab
set -eu
export OS_CLIENT_CONFIG_FILE="${OS_CLIENT_CONFIG_FILE:-/var/lib/neutronium/clouds.yaml}"

export OS_CLOUD=neutronium
openstack network create office --share --provider-network-type flat --provider-physical-network physnet1
openstack subnet create office --network office --subnet-range 172.24.4.0/24 --gateway 172.24.4.1 \
  --allocation-pool start=172.24.4.100,end=172.24.4.199
openstack network create laboratory --share --provider-network-type flat --provider-physical-network physnet2
openstack subnet create laboratory --network laboratory --subnet-range 172.24.5.0/24 --gateway 172.24.5.1 \
  --allocation-pool start=172.24.5.100,end=172.24.5.199

export OS_CLOUD=demo
neutronium vm add clerk --network office
neutronium vm add typist --network office
neutronium vm add chemist --network laboratory
