#!/usr/bin/env bash
# Recovers a base backup beside the living server, and holds it still at a moment of the past: docs/runbooks/point-in-time.md.
#
#   recover.sh BACKUP WAL DATA MOMENT [-c setting=value …]   stands still, read-only, as everything was at MOMENT, until it is stopped
#   recover.sh BACKUP WAL DATA latest [-c …]                 the nightly test: recovers all that there is, says how far, and stops
#
# It needs PostgreSQL's programs on the PATH, of the living server's major version. BACKUP was made by pg_basebackup in the plain
# format; WAL is the folder that archive_command fills (or RESTORE_COMMAND fetches its segments); DATA is a folder to be made.
set -euo pipefail
export LC_ALL=C

backup=${1:?BACKUP} wal=${2:?WAL} data=${3:?DATA} moment=${4:?MOMENT}
shift 4
log=$data/recovery.log

say() { printf 'recover: %s\n' "$1"; }

refuse() {
    say "$1" >&2
    exit 1
}

# Those of WAL from the one in which the backup began, in their order.
segments() {
    local file
    for file in "$wal/${start:0:8}"????????????????; do
        file=${file##*/}
        if [[ ! $file < $start && $file =~ ^[0-9A-F]{24}$ ]]; then echo "$file"; fi
    done
}

following() {
    local per=$((0x100000000 / size))
    local number=$((16#${1:8:8} * per + 16#${1:16:8} + 1))
    printf '%s%08X%08X\n' "${1:0:8}" $((number / per)) $((number % per))
}

# The first that is not there while a later one is.
first_missing() {
    local next=$start file
    for file in $(segments); do
        if [ "$file" != "$next" ]; then
            echo "$next"
            return
        fi
        next=$(following "$file")
    done
}

was_set_to() { pg_controldata -D "$data" | sed -n "s/^$1 setting: *//p"; }

# Why PostgreSQL ended before the moment, in a sentence that says what to do.
explain() {
    local missing
    tail -n 12 "$log" >&2
    if ! grep -qE 'recovery ended before configured recovery target|could not locate required checkpoint record' "$log"; then
        refuse "PostgreSQL ended; its last words are above."
    fi
    missing=$(first_missing)
    [ -z "$missing" ] || refuse "The segment $missing is missing in $wal, and nothing behind it can be recovered. Fetch it from a copy, or take a moment from before the last transaction that is named above."
    refuse "The WAL in $wal ends, or is damaged, before $moment: the last transaction is named above. For the newest moments run SELECT pg_switch_wal() on the living server first."
}

[[ $moment == latest || $moment =~ ([+-][0-9]{2}(:?[0-9]{2})?|Z)$ ]] || refuse "Say the moment with its zone: 2026-11-21T09:00+01:00."
[ -z "$(ls -A "$data" 2>/dev/null)" ] || refuse "$data is not empty: name a folder that is to be made."
pg_verifybackup --no-parse-wal --quiet "$backup" \
    || refuse "The backup in $backup is damaged or not whole (above: where). Take an older one: with the WAL since then it comes as far."

mkdir -p "$data"
chmod 700 "$data"
cp -a "$backup/." "$data"
touch "$data/recovery.signal"
start=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]\{24\}\)).*/\1/p' "$backup/backup_label")
size=$(pg_controldata -D "$data" | sed -n 's/^Bytes per WAL segment: *//p')

settings=(
    -c "restore_command=${RESTORE_COMMAND:-cp \"$wal/%f\" \"%p\"}"
    # It must not write into the archive of the living one, nor follow it.
    -c archive_mode=off -c primary_conninfo= -c hot_standby=on
    # Its words are read here.
    -c logging_collector=off -c log_destination=stderr -c lc_messages=C -c log_min_messages=log
    # A copy that is thrown away: nobody waits until each of its files is on the disk.
    -c fsync=off
    # A standby has to hold as much as the living server could.
    -c "max_connections=$(was_set_to max_connections)"
    -c "max_worker_processes=$(was_set_to max_worker_processes)"
    -c "max_wal_senders=$(was_set_to max_wal_senders)"
    -c "max_prepared_transactions=$(was_set_to max_prepared_xacts)"
    -c "max_locks_per_transaction=$(was_set_to max_locks_per_xact)"
)
reached='database system is ready to accept connections'
# Counted now: the living server goes on, and what it archives meanwhile need not be read.
last=$(segments | tail -n 1)
if [ "$moment" = latest ]; then
    missing=$(first_missing)
    [ -z "$missing" ] || refuse "The segment $missing is missing in $wal, and nothing behind it can be recovered. Make a new backup now."
    # For a moment it is a server like the living one, and nobody is to take it for that.
    settings+=(-c listen_addresses= -c unix_socket_directories=.)
else
    settings+=(-c "recovery_target_time=$moment" -c recovery_target_action=pause)
    reached='pausing at the end of recovery'
fi

postgres -D "$data" "${settings[@]}" "$@" >"$log" 2>&1 &
server=$!
trap 'kill -INT $server 2>/dev/null || true' INT TERM
until grep -q "$reached" "$log"; do
    kill -0 "$server" 2>/dev/null || explain
    if grep -q 'insufficient parameter settings' "$log"; then
        tail -n 5 "$log" >&2
        kill -INT "$server"
        refuse "The living server was given larger settings after the backup: name them behind the moment, as above (-c max_connections=…)."
    fi
    sleep 0.1
done

if [ "$moment" != latest ]; then
    say "Ready: stands still at $moment, read-only. End it when you have what you need."
    wait "$server" || true
    # The first wait ends with the signal, this one with the server.
    wait "$server" || true
    exit 0
fi

kill -INT "$server"
wait "$server" || true
if [ -n "$last" ] && [ -z "${RESTORE_COMMAND:-}" ] && ! grep -q "restored log file \"$last\" from archive" "$log"; then
    grep 'restored log file' "$log" | tail -n 1 >&2
    refuse "The WAL in $wal is damaged behind the segment that is named above: nothing behind it can be recovered. Make a new backup now."
fi
say "Whole: $(grep -o 'last completed transaction was at log time .*' "$log" | tail -n 1 | grep . || echo 'no transaction since the backup')."
