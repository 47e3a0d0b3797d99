#!/bin/sh
# Topology 3: a flat network and private ones, and an instance as the router between them.
#
# `gateway` has a NIC in each network. It is what a router would be: the private network's default gateway, it translates
# what goes out to its own address, and it hands what comes in for TCP port 22 to an instance behind it, as a load
# balancer would. An instance may only send from its own addresses (port security); on its private NIC the gateway
# passes on what others have sent, so there that check is off.
#
# Start Neutronium with: sudo script/up --bridge-mapping physnet1:br-ex
set -eu
export OS_CLIENT_CONFIG_FILE="${OS_CLIENT_CONFIG_FILE:-/var/lib/neutronium/clouds.yaml}"

export OS_CLOUD=neutronium
openstack network create lan --share --provider-network-type flat --provider-physical-network physnet1
openstack subnet create lan --network lan --subnet-range 172.24.4.0/24 --gateway 172.24.4.1 \
  --allocation-pool start=172.24.4.100,end=172.24.4.199

# All of this is the user's own.
export OS_CLOUD=demo
openstack network create private
openstack subnet create private --network private --subnet-range 10.0.0.0/24 --gateway 10.0.0.1
openstack security group create reachable
openstack security group rule create reachable --protocol icmp
openstack security group rule create reachable --protocol tcp --dst-port 22

# Two NICs: eth0 in the flat network, eth1 in the private one, with the address that the others' DHCP calls the gateway.
openstack port create gateway --network lan --security-group reachable
neutronium vm add gateway --port gateway
openstack port create gateway-inside --network private --fixed-ip subnet=private,ip-address=10.0.0.1 \
  --disable-port-security --no-security-group
mac=$(openstack port show gateway-inside -f value -c mac_address)
ip link add gateway1 type veth peer name eth1 address "$mac" netns vm-gateway
ip link set gateway1 up
neutronium vm exec gateway -- ethtool -K eth1 tx off
neutronium vm exec gateway -- ip address add 10.0.0.1/24 dev eth1
neutronium vm exec gateway -- ip link set eth1 up
neutronium port plug gateway-inside gateway1

openstack port create inside --network private --fixed-ip subnet=private,ip-address=10.0.0.18 --security-group reachable
neutronium vm add inside --port inside

neutronium vm exec gateway -- sysctl -q -w net.ipv4.ip_forward=1
neutronium vm exec gateway -- iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
neutronium vm exec gateway -- iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 22 -j DNAT --to-destination 10.0.0.18
