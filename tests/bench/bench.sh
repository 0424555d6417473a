#!/bin/bash
# SPDX-License-Identifier: MIT
# The stage of `make bench`, in a throw-away copy of the machine: the module as installed, a warm
# helper as systemd would have it, pamtester as the host, and nginx as a server that costs next to
# nothing: it repeats what the local Cognito answered once. Then tests/bench/bench.py.
#
#   BUILD=... QUICK=1 WRITE=1 bench.sh [WORDS]
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:-}" != --inside ]; then
    HOST_BIND="$here ${STFC:-}" exec bash "$here/tests/host.sh" bash "$here/tests/bench/bench.sh" \
        --inside "$BUILD" "${QUICK:-}" "${WRITE:-}" "${STFC:-}" "$@"
fi
export BUILD=$2 QUICK=$3 STFC=$5 STAGE=/srv/bench
write=$4
shift 5
cd "$here"
. tests/copy/setup.sh

mkdir -m 755 "$STAGE"
/usr/bin/python3 tests/bench/record.py "$state" "$STAGE"
cat >"$STAGE/nginx.conf" <<CONF
worker_processes 1;
pid /run/nginx.pid;
error_log $STAGE/nginx.err;
events { worker_connections 2048; }
http {
    access_log off;
    map \$http_x_amz_target \$operation {
        ~^AWSCognitoIdentityProviderService\.(?<name>[A-Za-z]+)\$ /\$name;
        default /none;
    }
    server {
        listen 127.0.0.1:8443 ssl backlog=1024;
        ssl_certificate $state/server.pem;
        ssl_certificate_key $state/server.pem;
        ssl_protocols TLSv1.3;
        root $STAGE/web;
        default_type application/json;
        error_page 405 =200 \$uri;
        location = / { rewrite ^ \$operation last; }
        location ~ ^/[A-Za-z]+\$ { default_type application/x-amz-json-1.1; }
        location ~ jwks { access_log $STAGE/fetches; }
    }
}
CONF
nginx -c "$STAGE/nginx.conf"
own=$(realpath "$BUILD")/test/pam_cognito_oidc.so # the same objects, and nobody listens at its socket
for method in ropc srp; do
    echo "auth required pam_cognito_oidc.so config=$STAGE/$method.json" >"/etc/pam.d/$method"
    echo "auth required $own config=$STAGE/$method.json" >"/etc/pam.d/$method-own"
done
printf '%s required pam_permit.so\n' auth account >/etc/pam.d/permit
/usr/bin/python3 tests/warm/serve.py --as=_cognito-oidc /run/pam_cognito_oidc-helper/socket \
    /usr/libexec/pam_cognito_oidc/helper --serve >"$STAGE/service" 2>&1 &
echo $! >"$STAGE/service.pid"
while [ ! -s "$STAGE/service" ]; do sleep 0.02; done
status=0
/usr/bin/python3 tests/bench/bench.py "$@" || status=$?
grep 'login denied' "$log" | cut -c 1-300 | head -5 || true
[ -z "$write" ] || /usr/bin/python3 tests/bench/write_table.py
exit "$status"
