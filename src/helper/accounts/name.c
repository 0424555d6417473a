/* SPDX-License-Identifier: MIT
 *
 * base-passwd's and systemd's names, what packages of Debian and Red Hat make, and what cloud
 * images have. A name that begins with '_' is a system user's by Debian's policy.
 */
#include "helper/accounts/name.h"

#include <stddef.h>

#include "common/text.h"

static const char *const reserved[] = {
    /* base-passwd, setup */
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp",
    "proxy", "www-data", "backup", "list", "irc", "gnats", "nobody", "nogroup", "adm", "tty",
    "disk", "kmem", "dialout", "fax", "voice", "cdrom", "floppy", "tape", "sudo", "audio",
    "dip", "operator", "src", "shadow", "utmp", "video", "sasl", "plugdev", "staff", "users",
    "wheel", "shutdown", "halt", "cgred", "ftp", "lock", "mem", "dbus", "tss",
    /* systemd */
    "input", "sgx", "kvm", "render", "clock", "crontab", "netdev", "messagebus",
    /* packages */
    "admin", "docker", "lxd", "incus", "incus-admin", "libvirt", "libvirt-qemu",
    "libvirt-dnsmasq", "podman", "containerd", "microk8s", "snap_microk8s", "snap_daemon",
    "k3s", "qemu", "libvirtdbus", "vhostuser", "swtpm", "postgres", "mysql", "mariadb", "redis",
    "valkey", "mongodb", "mongod", "memcache", "memcached", "kafka", "zookeeper", "cassandra",
    "couchdb", "influxdb", "telegraf", "neo4j", "rabbitmq", "nginx", "apache", "apache2",
    "haproxy", "jenkins", "git", "gitlab", "gitlab-runner", "gitea", "grafana", "prometheus",
    "elasticsearch", "opensearch", "kibana", "logstash", "zabbix", "nagios", "puppet",
    "ansible", "salt", "vault", "consul", "nomad", "tomcat", "named", "bind", "unbound",
    "dnsmasq", "ntp", "chrony", "polkitd", "polkituser", "sshd", "ssh", "ssl-cert", "postfix",
    "postdrop", "exim", "dovecot", "dovenull", "cups", "lpadmin", "scanner", "saned", "avahi",
    "bluetooth", "pulse", "rtkit", "usbmux", "colord", "geoclue", "gdm", "lightdm", "sddm",
    "uuidd", "tcpdump", "wireshark", "syslog", "rsyslog", "landscape", "pollinate",
    "fwupd-refresh", "cockpit", "sssd", "nslcd", "openldap", "ldap", "dirsrv", "pcp", "pcpqa",
    "krb5kdc", "radiusd", "freerad", "kea", "dhcpd", "slurm", "munge", "nfsnobody", "rpc",
    "rpcuser", "statd", "sftp", "vboxusers", "vboxsf", "wireguard", "openvpn", "squid",
    "clamav", "amavis", "spamd", "debian-tor", "xrdp", "sambashare", "winbindd_priv", "ceph",
    "etcd", "kube", "kubelet", "minikube", "hadoop", "hdfs", "spark",
    /* cloud images */
    "ubuntu", "debian", "ec2-user", "ec2-instance-connect", "ssm-user", "centos", "fedora",
    "rocky", "almalinux", "opc", "oracle", "bitnami", "kali", "cloud-user", "azureuser",
    "google-sudoers", "vagrant", "core", "pi",
    /* this software's way back in */
    "breakglass", NULL};

bool name_is_reserved(const char *name)
{
	return name[0] == '_' || text_starts(name, "systemd-") ||
	       text_starts(name, "debian-") || text_among(name, reserved);
}
