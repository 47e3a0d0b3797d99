#!/bin/sh
# Topology 1: a single flat network.
#
# Everybody's instances are on the physical network itself, with addresses of it, as servers plugged into one switch
# are. The administrator makes the network once and shares it; there are no routers, and no floating IPs: the fixed
# address is what the world sees. DHCP is ours and gives out one range; the router 172.24.4.1 is the data centre's own.
#
# Start Neutronium with: sudo script/up --bridge-mapping physnet1:br-ex
set -eu
export OS_CLIENT_CONFIG_FILE="${OS_CLIENT_CONFIG_FILE:-/var/lib/neutronium/clouds.yaml}"

export OS_CLOUD=neutronium
openstack network create lan --share --provider-network-type flat --provider-physical-network physnet1
openstack subnet create lan --network lan --subnet-range 172.24.4.0/24 --gateway 172.24.4.1 \
  --allocation-pool start=172.24.4.100,end=172.24.4.199
neutronium vm add admins --network lan

# A user has nothing to set up but who may come in.
export OS_CLOUD=demo
openstack security group create reachable
openstack security group rule create reachable --protocol icmp
openstack security group rule create reachable --protocol tcp --dst-port 22
openstack port create users --network lan --security-group reachable
neutronium vm add users --port users
