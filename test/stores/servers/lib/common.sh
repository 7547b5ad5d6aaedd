# What redis-up, rgw-up, swift-up and down share. Sourced by bash, never run.
# shellcheck shell=bash disable=SC2034

STATE=${STORES_STATE:-${TMPDIR:-/tmp}/glance-cli-stores}
RUN_AS=${STORES_USER:-nobody}            # who the servers run as, when root starts them
WAIT=${STORES_WAIT:-120}                 # seconds a server has to answer within
REGION=${STORES_REGION:-us-east-1}

unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV CEPH_CONF CEPH_ARGS http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
for v in $(compgen -e AWS_ || true) $(compgen -e OS_ || true); do unset "$v"; done
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8

ME=$(basename -- "$0")
BEGAN=$SECONDS
say() { printf '%s\n' "$ME: $*" >&2; }   # stdout is for the variables alone
die() { say "$*"; exit 1; }

usage() { # usage "$@": one argument at most
  case ${1:-} in
    '' | --install-only | --no-install) ;;
    -h | --help) cat "$here/README.md"; exit 0 ;;
    *) die "usage: $ME [--install-only | --no-install]" ;;
  esac
  INSTALL=${1:-}
}

# ---------------------------------------------------------------- packages

install_packages() { # install_packages PACKAGE...
  local p missing=() policy= log apt rc=0
  for p in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null) == installed ]] || missing+=("$p")
  done
  ((${#missing[@]})) || return 0
  [[ $INSTALL != --no-install ]] || die "missing packages (${missing[*]})"
  ((EUID == 0)) || die "missing packages (${missing[*]}): run once as root, or apt-get install them"
  say "installing ${missing[*]}"
  apt=(apt-get -y -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0
       -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
  export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then # no package may start a service of its own
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  log=$(mktemp)
  "${apt[@]}" update >"$log" 2>&1 || true # stale lists are tried all the same
  "${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1 || rc=$?
  [[ -z $policy ]] || rm -f "$policy"
  ((rc == 0)) || { tail -n 30 "$log" >&2; die "apt-get failed, see $log"; }
  rm -f "$log"
  say "packages installed after $((SECONDS - BEGAN)) s"
}

# ---------------------------------------------------------------- state folder

as_user() { # runs a command as the user that the servers run as
  if ((EUID == 0)); then
    setpriv --reuid="$RUN_AS" --regid="$(id -g "$RUN_AS")" --clear-groups -- "$@"
  else
    "$@"
  fi
}

enter_state() { # enter_state NAME: makes and locks the folder of one server, sets DIR
  [[ $STATE == /* ]] || STATE=$PWD/$STATE
  [[ $STATE =~ ^[A-Za-z0-9/._+-]+$ ]] || die "STORES_STATE must be a path of letters, digits and . _ + - only: $STATE"
  ((${#STATE} <= 80)) || die "STORES_STATE is too long (80 characters at most): $STATE"
  ((EUID != 0)) || id -u "$RUN_AS" >/dev/null 2>&1 || die "no user $RUN_AS (STORES_USER)"
  if [[ ! -d $STATE ]]; then
    mkdir -p -m 755 "$STATE"
    ((EUID != 0)) || chown "$RUN_AS" "$STATE"
  fi
  STATE=$(cd -- "$STATE" && pwd -P)
  DIR=$STATE/$1
  mkdir -p "$DIR"
  ((EUID != 0)) || chown "$RUN_AS" "$DIR"
  chmod 700 "$DIR"
  as_user test -w "$DIR" || die "$(as_user id -un) cannot write to $DIR: choose another STORES_STATE, or STORES_USER"
  as_user mkdir -p "$DIR/run" "$DIR/log"
  exec 9>>"$DIR/run/lock"
  flock 9
}

# ---------------------------------------------------------------- ports

port_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

choose_port() { # choose_port VARIABLE [GIVEN]: the given one, else that of the last time, else a free one
  local name=$1 p=${2:-} i
  if [[ -n $p ]]; then
    [[ $p =~ ^[0-9]+$ ]] || die "$p is no port"
    ! port_busy "$p" || die "port $p is taken"
  else
    p=$(cat "$DIR/run/$name.port" 2>/dev/null) || p=
    for ((i = 0; i < 200; i++)); do
      [[ -z $p ]] || port_busy "$p" || break
      p=$((20000 + (RANDOM << 2 ^ RANDOM) % 12000)) # below the range that outgoing connections use
    done
    ((i < 200)) || die "no free port"
  fi
  as_user sh -c "echo $p >'$DIR/run/$name.port'"
  printf -v "$name" %s "$p"
}

# ---------------------------------------------------------------- processes

began_at() { # when a process began, in the kernel's ticks: tells a process from a later one of the same number
  local s
  s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  s=${s##*) }
  set -- $s
  [[ $1 != Z ]] || return 1
  echo "${20}"
}

alive() { # alive FILE: the process of that pid file is still the one that was started
  local pid at
  read -r pid at 2>/dev/null <"$1" || return 1
  [[ $pid =~ ^[0-9]+$ && -n $at && $(began_at "$pid") == "$at" ]]
}

start() { # start NAME COMMAND...: in the background, as the user, in a session of its own
  local name=$1 pid
  shift
  as_user touch "$DIR/log/$name.log"
  if ((EUID == 0)); then
    setsid setpriv --reuid="$RUN_AS" --regid="$(id -g "$RUN_AS")" --clear-groups -- env HOME="$DIR" "$@" \
      >>"$DIR/log/$name.log" 2>&1 </dev/null 9>&- &
  else
    HOME=$DIR setsid "$@" >>"$DIR/log/$name.log" 2>&1 </dev/null 9>&- &
  fi
  pid=$!
  disown "$pid"
  as_user sh -c "echo $pid $(began_at "$pid") >'$DIR/run/$name.pid'"
}

all_alive() { # all_alive NAME...
  local n
  for n in "$@"; do alive "$DIR/run/$n.pid" || return 1; done
}

stop_one() { # stop_one PIDFILE: TERM, after ten seconds KILL
  local pid at i
  if alive "$1"; then
    read -r pid at <"$1"
    kill -TERM "$pid" 2>/dev/null || true
    for ((i = 0; i < 100; i++)); do alive "$1" || break; sleep 0.1; done
    ! alive "$1" || kill -KILL "$pid" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do alive "$1" || break; sleep 0.1; done
    ! alive "$1" || { say "process $pid does not end"; return 1; }
    STOPPED+=("$(basename "$1" .pid)")
  fi
  rm -f "$1"
}

stop_all() { # the processes of $DIR, the youngest first
  local f
  STOPPED=()
  [[ -d $DIR/run ]] || return 0
  while read -r f; do
    [[ -z $f ]] || stop_one "$f" || true
  done < <(ls -t "$DIR"/run/*.pid 2>/dev/null || true)
}

wait_until() { # wait_until WHAT NAMES COMMAND...: until the command succeeds, while the named processes (comma separated) live
  local what=$1 names=$2 end=$((SECONDS + WAIT)) n
  shift 2
  until "$@" >/dev/null 2>&1 9>&-; do
    for n in ${names//,/ }; do
      alive "$DIR/run/$n.pid" || give_up "$n has ended, see $DIR/log/$n.log" "$DIR/log/$n.log"
    done
    ((SECONDS < end)) || give_up "$what does not answer within $WAIT s, see $DIR/log/"
    sleep 0.1
  done
}

give_up() { # give_up WHY [LOG]
  [[ -z ${2:-} ]] || tail -n 8 "$2" >&2 || true
  stop_all
  die "$1"
}

# ---------------------------------------------------------------- what is printed

print_s3() { # print_s3 ENDPOINT KEY SECRET
  printf '%s\n' "export AWS_ENDPOINT_URL_S3=$1" "export AWS_ACCESS_KEY_ID=$2" "export AWS_SECRET_ACCESS_KEY=$3" "export AWS_REGION=$REGION"
}

# s3_answers ENDPOINT KEY SECRET: true if that user gets the list of buckets
s3_answers() {
  AWS_ENDPOINT_URL_S3=$1 AWS_ACCESS_KEY_ID=$2 AWS_SECRET_ACCESS_KEY=$3 AWS_REGION=$REGION S3_TIMEOUT=10 "$here/s3" GET / >/dev/null 2>&1
}
