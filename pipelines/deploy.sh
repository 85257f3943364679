#!/bin/sh
# The steps of every pipeline, by name: a pipeline itself only defines who runs which, and when.
#
#   setup              install the command line into the project's folder
#   credentials        print, for eval, temporary keys of the pipeline's role
#   synth              write Terraform's files for all environments, once, and pack them
#   waves              print the order of the rollout, as JSON
#   plan [ENV]...      plan from what was packed, and pack each plan
#   check [ENV]...     check the plans by the policy rules
#   comment            write all packed plans as one comment, for people
#   apply [ENV]...     apply exactly the packed plans
#   smoke [ENV]...     run the smoke tests of the deployments
#   rollout            apply and smoke, wave by wave; the first failure stops it
#   drift [ENV]...     report what was changed by hand since the last apply
#
# With OSS_RESTORE_READ_ONLY, plan and drift work as the deployer's reader, which can change nothing.
# Values that are in no file, such as the secrets of notify, are passed as Terraform variables in
# OSS_RESTORE_VARIABLES, a JSON object.
#
# Without ENV: all environments, in the order of the rollout, or those named by OSS_RESTORE_ENV.
# Jobs pass files on in build/pipeline/: synth.tgz and a plan-ENV.tgz for each plan.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH"
export PATH CI=1 CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
# Set even if empty, for the deployer itself: an apply needs the same variables as its plan.
export TF_VAR_role_suffix="${OSS_RESTORE_READ_ONLY:+-reader}"

# Terraform's OSS backend reads keys from these; before 1.15 (tested: 1.11.4) from no others.
if [ -n "${ALIBABA_CLOUD_ACCESS_KEY_ID:-}" ]; then
	export ALICLOUD_ACCESS_KEY="$ALIBABA_CLOUD_ACCESS_KEY_ID"
	export ALICLOUD_SECRET_KEY="$ALIBABA_CLOUD_ACCESS_KEY_SECRET"
	export ALICLOUD_SECURITY_TOKEN="${ALIBABA_CLOUD_SECURITY_TOKEN:-}"
fi

out=cdktf.out
packed=build/pipeline
comment_bytes=60000 # GitHub accepts 65,536 characters

fail() {
	echo "deploy.sh: $*" >&2
	exit 1
}

environments() {
	rollout=$(waves)
	printf %s "$rollout" |
		python -c 'import json, sys; print(*json.load(sys.stdin)["environments"], sep="\n")'
}

# Runs a step for each environment named, or for all; the first failure ends it.
each() {
	step=$1
	shift
	if [ $# -eq 0 ]; then
		names=$(environments)
		# shellcheck disable=SC2086 # a name has no spaces
		set -- $names
	fi
	for name in "$@"; do
		echo "--- $step $name"
		"$step" "$name"
	done
}

in_stack() {
	stack=$1
	shift
	terraform -chdir="$out/stacks/$stack" "$@"
}

# Plans with the values that are in no file, and deletes them afterwards. A reader cannot write a
# lock; a plan that is stale by the time of its apply is refused.
plan_stack() {
	given="$out/stacks/$1/given.auto.tfvars.json"
	[ -z "${OSS_RESTORE_VARIABLES:-}" ] ||
		(umask 077 && printf %s "$OSS_RESTORE_VARIABLES" >"$given")
	planned=0
	in_stack "$@" || planned=$?
	rm -f "$given"
	return $planned
}

tree() {
	git rev-parse 'HEAD^{tree}'
}

unpack() {
	[ -f "$packed/$1.tgz" ] || fail "$packed/$1.tgz is not there: run the step that packs it first"
	mkdir -p "$2"
	tar -xzf "$packed/$1.tgz" -C "$2"
}

setup() {
	make .venv/.installed
}

# Prints STS's response to a token. The request needs no signature, since the token has one.
keys_for_token() {
	# A line feed at the end of the file would be sent, too, and the token refused.
	tr -d '\r\n' <"$ALIBABA_CLOUD_OIDC_TOKEN_FILE" | curl --fail --silent --show-error https://sts.aliyuncs.com/ \
		--data-urlencode Action=AssumeRoleWithOIDC \
		--data-urlencode Version=2015-04-01 \
		--data-urlencode Format=JSON \
		--data-urlencode "Timestamp=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
		--data-urlencode "SignatureNonce=$(date +%s)-$$" \
		--data-urlencode "OIDCProviderArn=$ALIBABA_CLOUD_OIDC_PROVIDER_ARN" \
		--data-urlencode "RoleArn=$ALIBABA_CLOUD_ROLE_ARN" \
		--data-urlencode RoleSessionName=oss-restore \
		--data-urlencode OIDCToken@-
}

# The role of the ECS instance that this runs on.
keys_of_instance() {
	metadata=http://100.100.100.200/latest
	token=$(curl --fail --silent --show-error --request PUT "$metadata/api/token" \
		--header 'X-aliyun-ecs-metadata-token-ttl-seconds: 60')
	curl --fail --silent --show-error --header "X-aliyun-ecs-metadata-token: $token" \
		"$metadata/meta-data/ram/security-credentials/$ALIBABA_CLOUD_ECS_METADATA"
}

credentials() {
	if [ -n "${ALIBABA_CLOUD_OIDC_TOKEN_FILE:-}" ]; then
		answer=$(keys_for_token)
	elif [ -n "${ALIBABA_CLOUD_ECS_METADATA:-}" ]; then
		answer=$(keys_of_instance)
	else
		fail "set ALIBABA_CLOUD_OIDC_TOKEN_FILE, or ALIBABA_CLOUD_ECS_METADATA to the instance's role"
	fi
	printf %s "$answer" | python -c '
import json, shlex, sys
answer = json.load(sys.stdin)
keys = answer.get("Credentials", answer)
for variable, field in (
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "AccessKeyId"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "AccessKeySecret"),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", "SecurityToken"),
):
    print(f"export {variable}={shlex.quote(keys[field])}")
'
}

synth() {
	make setup
	rm -rf "$out" "$packed"
	mkdir -p "$packed"
	cdktf synth
	tree >"$out/tree"
	tar -czf "$packed/synth.tgz" "$out"
}

waves() {
	oss-restore waves --json
}

plan_one() {
	unpack synth .
	in_stack "$1" init
	plan_stack "$1" plan ${OSS_RESTORE_READ_ONLY:+-lock=false} -lock-timeout=5m -out=tfplan
	in_stack "$1" show -json tfplan >"$out/stacks/$1/tfplan.json"
	in_stack "$1" show -no-color tfplan >"$out/stacks/$1/tfplan.txt"
	# The lock file has the provider's checksums; there is none where no provider was downloaded.
	lock=
	[ ! -f "$out/stacks/$1/.terraform.lock.hcl" ] || lock=.terraform.lock.hcl
	tar -czf "$packed/plan-$1.tgz" -C "$out/stacks/$1" tfplan tfplan.json tfplan.txt ${lock:+"$lock"}
}

check_one() {
	unpack "plan-$1" "$out/stacks/$1"
	oss-restore check-plan "$out/stacks/$1/tfplan.json"
}

comment() {
	set -- "$packed"/plan-*.tgz
	[ -f "$1" ] || fail "there is no plan in $packed"
	share=$((comment_bytes / $#))
	for file in "$@"; do
		name=$(basename "$file" .tgz)
		plan=$(tar -xzOf "$file" tfplan.txt)
		summary=$(printf '%s\n' "$plan" | grep -E '^(Plan:|No changes)' || echo 'only outputs change')
		printf '### %s\n\n%s\n\n' "${name#plan-}" "$summary"
		printf '<details><summary>The plan</summary>\n\n```\n'
		printf '%s\n' "$plan" | head -c "$share"
		printf '\n```\n\n</details>\n\n'
	done >"$packed/comment.md"
}

apply_one() {
	unpack synth .
	[ "$(cat "$out/tree")" = "$(tree)" ] ||
		fail "the plan of $1 was made from other files than these: plan again"
	check_one "$1"
	in_stack "$1" init
	in_stack "$1" apply tfplan
}

smoke_one() {
	oss-restore smoke "$1"
}

deploy_one() {
	apply_one "$1"
	smoke_one "$1"
}

drift_one() {
	unpack synth .
	in_stack "$1" init
	changed=0
	plan_stack "$1" plan -lock=false -detailed-exitcode || changed=$?
	case $changed in
	0) ;;
	2) drifted="$drifted $1" ;;
	*) exit "$changed" ;;
	esac
}

step=${1:-}
[ $# -eq 0 ] || shift
case $step in
setup | credentials | synth | waves | comment) "$step" ;;
plan | check | apply | smoke) each "${step}_one" "$@" ;;
drift)
	drifted=
	each drift_one "$@"
	[ -z "$drifted" ] || fail "not what their files say:$drifted"
	;;
rollout) each deploy_one "$@" ;;
*)
	sed -n '2,/^set/{s/^# \{0,1\}//p;}' "$0" >&2
	exit 2
	;;
esac
