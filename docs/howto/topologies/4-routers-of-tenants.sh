#!/bin/sh
# Topology 4: a router for each tenant, with private networks behind it.
#
# Tenants make their networks and routers themselves, and need not ask each other which addresses are taken: both have
# 10.0.0.0/24, and an instance 10.0.0.18 in it. They share nothing but the external network, which the administrator
# has made. To each other, they are the world: what is to be reached gets a floating IP.
#
# Start Neutronium with: sudo script/up --bridge-mapping physnet1:br-ex
set -eu
export OS_CLIENT_CONFIG_FILE="${OS_CLIENT_CONFIG_FILE:-/var/lib/neutronium/clouds.yaml}"

export OS_CLOUD=neutronium
openstack network create public --external --provider-network-type flat --provider-physical-network physnet1
openstack subnet create public --network public --subnet-range 172.24.4.0/24 --gateway 172.24.4.1 --no-dhcp

# What a tenant does, in a cloud of clouds.yaml: a web server that the world reaches, and a database that it does not.
tenant() {
  export OS_CLOUD="$1"
  openstack network create "$2"
  subnet=$(openstack subnet create "$2" --network "$2" --subnet-range 10.0.0.0/24 -f value -c id)
  router=$(openstack router create "$2" -f value -c id)
  openstack router set "$router" --external-gateway public
  openstack router add subnet "$router" "$subnet"
  openstack security group create "$2-web"
  openstack security group rule create "$2-web" --protocol icmp
  openstack security group rule create "$2-web" --protocol tcp --dst-port 22
  openstack port create "$2-web" --network "$2" --fixed-ip "subnet=$subnet,ip-address=10.0.0.18" --security-group "$2-web"
  openstack port create "$2-db" --network "$2" --fixed-ip "subnet=$subnet,ip-address=$3" --security-group "$2-web"
  neutronium vm add "$2-web" --port "$2-web"
  neutronium vm add "$2-db" --port "$2-db"
  openstack floating ip create public --port "$2-web"
}

tenant demo red 10.0.0.20
tenant neutronium blue 10.0.0.30
