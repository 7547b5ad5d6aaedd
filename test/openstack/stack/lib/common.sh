# Shared settings of up, down and seed. Sourced by bash, never run.
# shellcheck shell=bash disable=SC2034

# What this instance of the stack is: where it keeps its state, on which ports it listens.
STATE=${OPENSTACK_STATE:-/tmp/glance-cli-openstack}
KEYSTONE_PORT=${OPENSTACK_KEYSTONE_PORT:-15000}
GLANCE_PORT=${OPENSTACK_GLANCE_PORT:-19292}
KEYSTONE_TLS_PORT=${OPENSTACK_KEYSTONE_TLS_PORT:-15443}
GLANCE_TLS_PORT=${OPENSTACK_GLANCE_TLS_PORT:-19443}
GLANCE_SERVER=${OPENSTACK_GLANCE_SERVER:-eventlet}   # or uwsgi
TOKEN_CACHE=${OPENSTACK_TOKEN_CACHE:-5}              # seconds for which Glance trusts a token it has seen; -1: none
SECURE_RBAC=${OPENSTACK_SECURE_RBAC:-false}          # true: the policies that later releases have by default

PACKAGES=(
  python3-keystone python3-glance                 # the services, as libraries: no accounts, no units, no debconf
  python3-glanceclient python3-openstackclient    # the reference clients
  uwsgi-core uwsgi-plugin-python3                 # serves Keystone (and Glance on request)
  nginx                                           # TLS front
  qemu-utils openssl curl ca-certificates
)

PY=/usr/bin/python3

# Nothing of the caller's Python or OpenStack settings may leak in.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV
for v in $(compgen -e OS_ || true); do unset "$v"; done
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8

say() { printf '%s\n' "openstack: $*"; }
die() { printf '%s\n' "openstack: $*" >&2; exit 1; }

# alive NAME: true when the process in run/NAME.pid is still one that was started from this state folder.
# nginx rewrites its command line, so its environment is looked at as well.
alive() {
  local pid
  pid=$(cat "$STATE/run/$1.pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  kill -0 "$pid" 2>/dev/null || return 1
  grep -qaF -- "$STATE/" "/proc/$pid/cmdline" "/proc/$pid/environ" 2>/dev/null
}

# answers URL [curl options]: true when something speaks HTTP there.
answers() { curl -s -o /dev/null --max-time 5 "${@:2}" "$1"; }

port_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
