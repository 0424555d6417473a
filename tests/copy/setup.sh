#!/bin/bash
# Sourced inside the throw-away copy of the machine, in the source tree: installs the
# module, starts the stand-in for syslog and the local Cognito, makes users and a config.
#
# Afterwards: $state is Cognito's folder, $log the syslog file; control, password and says are there.
set -eu

state=/srv/cognito
log=/run/syslog.txt
names="cognito-idp.eu-west-1.amazonaws.com acme.auth.eu-west-1.amazoncognito.com"

control() { /usr/bin/python3 tests/cognito/control.py "$state" "$@"; }

# The password of a person in the pool file; nothing for anybody else.
password() {
    /usr/bin/python3 -c 'import json, sys
print(next((u["password"] for u in json.load(open("tests/cognito/pool.json"))["users"]
            if u["username"] == sys.argv[1]), ""))' "$1"
}

# The lines that were logged since the last time, for people.
logged=0
says() {
    sleep 0.1
    tail -n "+$((logged + 1))" "$log" | sed 's/^/    syslog: /'
    logged=$(wc -l <"$log")
}

printf '127.0.0.1 localhost pamhost %s\n' "$names" >/etc/hosts
# Other copies share the build folder. It may know with which variables it was built.
variables=()
[ ! -f "${BUILD:-build}/variables" ] || mapfile -t variables <"${BUILD:-build}/variables"
flock "${BUILD:-build}" make --no-print-directory -s install BUILD="${BUILD:-build}" "${variables[@]}" >/dev/null
for person in alice bob carol; do
    id "$person" >/dev/null 2>&1 || useradd -m -s /bin/bash "$person"
done

touch "$log"
/usr/bin/python3 tests/syslog.py "$log" &
while [ ! -S /dev/log ]; do sleep 0.02; done

mkdir -p "$state"
control start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com \
    ${COGNITO_KEYS:+--keys "$COGNITO_KEYS"} >/dev/null
install -d -m 755 /etc/pam_cognito_oidc
install -m 600 "$state/config.json" /etc/pam_cognito_oidc/config.json
