#!/usr/bin/python3
"""Serves the real Neutron 21 API (Debian's python3-neutron) on loopback, for comparison.

One process, SQLite in --work, an in-memory message bus, no Keystone: the headers X-User-Id, X-Project-Id and X-Roles
stand for a token. Agents are alive, but do nothing: ports stay DOWN, and bindings to other hosts fail. Prints `ready` when it listens.
"""
import argparse
import json
import logging
import os

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('--port', type=int, required=True)
parser.add_argument('--work', required=True)
parser.add_argument('--agents', default='{}', help='agents of hosts: {"HOST": [{"agent_type": ...}]}')
arguments = parser.parse_args()
work = os.path.abspath(arguments.work)
os.makedirs(os.path.join(work, 'policies'), exist_ok=True)

NEUTRON = f"""
[DEFAULT]
core_plugin = ml2
service_plugins = router,network_ip_availability,auto_allocate,segments,network_segment_range,port_forwarding,conntrack_helper,ndp_proxy,flavors,trunk,qos,metering,log,local_ip
transport_url = fake://
rpc_response_timeout = 1
auth_strategy = keystone
agent_down_time = 100000
network_auto_schedule = false
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
dns_domain = contract.example.
state_path = {work}
api_paste_config = {work}/paste.ini
[oslo_concurrency]
lock_path = {work}
[oslo_policy]
policy_dirs = {work}/policies
[database]
connection = sqlite:///{work}/neutron.sqlite
[ml2]
type_drivers = flat,geneve,vlan,gre,local,vxlan
tenant_network_types = vxlan
mechanism_drivers = openvswitch
extension_drivers = port_security,qos,dns_domain_keywords,data_plane_status,uplink_status_propagation,port_device_profile,
    port_numa_affinity_policy,tag_ports_during_bulk_creation
[ml2_type_vlan]
network_vlan_ranges = physnet1:1000:1099,physnet2:150:199
[ml2_type_vxlan]
vni_ranges = 10000:19999
[ml2_type_gre]
tunnel_id_ranges = 10000:19999
[ml2_type_geneve]
vni_ranges = 10000:19999
[ml2_type_flat]
flat_networks = *
"""

PASTE = """
[composite:neutron]
use = egg:Paste#urlmap
/: versions
/v2.0: v2
[pipeline:v2]
pipeline = request_id catch_errors context extensions api
[filter:request_id]
paste.filter_factory = oslo_middleware:RequestId.factory
[filter:catch_errors]
paste.filter_factory = oslo_middleware:CatchErrors.factory
[filter:context]
paste.filter_factory = neutron.auth:NeutronKeystoneContext.factory
[filter:extensions]
paste.filter_factory = neutron.api.extensions:plugin_aware_extension_middleware_factory
[app:versions]
paste.app_factory = neutron.pecan_wsgi.app:versions_factory
[app:api]
paste.app_factory = neutron.api.v2.router:APIRouter.factory
"""

for name, text in (('neutron.conf', NEUTRON), ('paste.ini', PASTE)):
    with open(os.path.join(work, name), 'w', encoding='utf-8') as file:
        file.write(text)

# The green threads must be in place before anything of Neutron is loaded, hence the imports from here on.
import eventlet  # noqa: E402

eventlet.monkey_patch()

import eventlet.wsgi  # noqa: E402
from neutron.common import config  # noqa: E402
from oslo_config import cfg  # noqa: E402

config.register_common_config_options()
import neutron.conf.plugins.ml2.config  # noqa: E402,F401
from neutron.db.migration.models import head  # noqa: E402,F401

config.init(['--config-file', os.path.join(work, 'neutron.conf')])
logging.disable(logging.INFO)

from neutron_lib import context  # noqa: E402
from neutron_lib.callbacks import events, registry, resources  # noqa: E402
import oslo_messaging  # noqa: E402
from neutron_lib import rpc  # noqa: E402
from neutron_lib.db import api as database, model_base  # noqa: E402
from neutron_lib.plugins import directory  # noqa: E402
from oslo_service import wsgi  # noqa: E402
from sqlalchemy import event  # noqa: E402

engine = database.get_context_manager().writer.get_engine()


@event.listens_for(engine, 'connect')
def _prepare(connection, _record):
    # SQLite with foreign keys on answers some deletes with 500, which MySQL and PostgreSQL do not.
    connection.execute('PRAGMA foreign_keys=OFF')
    connection.execute('PRAGMA synchronous=OFF')
    # Who reads does not stand in the way of who writes: some requests do both on two connections.
    connection.execute('PRAGMA journal_mode=WAL')


model_base.BASEV2.metadata.create_all(engine)
application = wsgi.Loader(cfg.CONF).load_app('neutron')
registry.publish(resources.PROCESS, events.BEFORE_SPAWN, None)


class SilentAgent:
    """Takes whatever it is told: the plugin waits for an agent's answer when it gives a router to it or takes one."""

    target = oslo_messaging.Target(version='1.99')

    def __getattr__(self, method):
        if method.startswith('_'):
            raise AttributeError(method)
        return lambda context, **told: None


plugin = directory.get_plugin()
for host, agents in json.loads(arguments.agents).items():
    for agent in agents:
        rpc.get_server(oslo_messaging.Target(topic=agent['topic'], server=host), [SilentAgent()]).start()
        plugin.create_or_update_agent(context.get_admin_context(), {**agent, 'host': host, 'start_flag': True}, None)
listener = eventlet.listen(('127.0.0.1', arguments.port))
print('ready', flush=True)
eventlet.wsgi.server(listener, application, log_output=False)
