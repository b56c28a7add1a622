# Runs PostgreSQL for as long as anybody needs it, starts it again when it is killed, and cleans up.
#   sh -c "$(cat this)" sh <runtime folder> <pid file> <library path> <postgres> <arguments>…
# Standard input is the starter's pipe: it ends when the starter stops or dies, even by SIGKILL. Other processes hold the
# named pipe `lease` open for writing. PostgreSQL gets a fast shutdown once both have ended.
dir=$1 pidfile=$2 libraries=$3
shift 3
me=$$ child= stopping= tries=0

mkfifo -m 600 "$dir/lease" && exec 3<>"$dir/lease" 4<"$dir/lease" 3>&- || exit 3
exec 5<&0 0</dev/null
(
  trap '' INT HUP TERM
  cat <&5 >/dev/null
  cat <&4 >/dev/null
  exec 4<&-
  kill -TERM "$me" || kill -INT "$(head -n 1 "$pidfile")"
) >/dev/null 2>&1 &
watcher=$!
exec 4<&- 5<&-

trap '' INT HUP
trap 'stopping=1; [ -n "$child" ] && kill -INT "$child" 2>/dev/null' TERM

while [ -z "$stopping" ]; do
  began=$(date +%s)
  # Set here and not by the starter: macOS removes DYLD_* from the environment of /bin/sh.
  (
    [ -z "$libraries" ] || export LD_LIBRARY_PATH="$libraries" DYLD_LIBRARY_PATH="$libraries"
    exec "$@"
  ) &
  child=$!
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  # Ended by itself (1: it could not start, 0: somebody shut it down): only a kill, and what follows from one, is mended.
  [ "$code" -gt 128 ] || [ "$tries" -gt 0 ] || break
  [ "$code" -ne 0 ] || break
  [ $(($(date +%s) - began)) -lt 5 ] || tries=0
  tries=$((tries + 1))
  [ "$tries" -le 40 ] || break
  [ -n "$stopping" ] || sleep 0.25
done

kill -KILL "$watcher" 2>/dev/null
rm -rf -- "$dir"
exit "$code"
