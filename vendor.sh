#!/bin/sh
# Copies the script and fonts pinned in package.json into static/vendor, each with its licence and
# a checksum. The result is committed, so neither visitors nor tests need npm or another host.
# Needs npm, and fonttools from the test lock (`make vendor` sees to that).
set -eu
cd "$(dirname "$0")"

# Names from lucide.dev; none are copied that no page shows.
ICONS=""

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch <package>: unpacks the pinned version into $from and empties $into, its vendored folder.
fetch() {
    version=$(node -p "require('./package.json').dependencies['$1']")
    archive=$(npm pack --silent --pack-destination "$work" "$1@$version")
    from="$work/$(basename "$archive" .tgz)"
    mkdir "$from"
    tar -xzf "$work/$archive" -C "$from" --strip-components=1
    short=${1##*/}
    case $1 in @noble/*) short="noble-$short" ;; esac
    into="static/vendor/${short%.org}-$version"
    rm -rf "static/vendor/${short%.org}"-[0-9]*
    mkdir -p "$into"
}

# Everything in a vendored folder, so that a changed byte is seen.
seal() { (cd "$1" && LC_ALL=C shasum -a 256 -- * > "$work/sums" && mv "$work/sums" SHA256SUMS); }

# take <file> <name>: without the odd dates and modes that packages carry.
take() { cat "$from/$1" > "$into/$2"; }

fetch htmx.org
take dist/htmx.min.js htmx.min.js
take LICENSE LICENSE
seal "$into"

# Signatures, for browsers that know no Ed25519 themselves.
fetch @noble/ed25519
take index.js index.js
take LICENSE LICENSE
seal "$into"

# For printing only; screens use the reader's own fonts. Regular is whole, for the rare characters
# in household names; Bold, for headings, holds the characters of GB 2312 and Latin ones.
fetch @expo-google-fonts/noto-sans-sc
take 400Regular/NotoSansSC_400Regular.ttf NotoSansSC-Regular.ttf
take LICENSE_FONT OFL.txt
.venv/bin/python - > "$work/gb2312.txt" <<'END'
pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
chinese = "".join(pair.decode("gb2312", "ignore") for pair in pairs)
latin = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2040)]))
print(chinese + latin + "€₂™≤≥")
END
.venv/bin/pyftsubset "$from/700Bold/NotoSansSC_700Bold.ttf" --text-file="$work/gb2312.txt" \
    --layout-features='*' --no-recalc-timestamp --output-file="$into/NotoSansSC-Bold.ttf"
seal "$into"

if [ -n "$ICONS" ]; then
    fetch lucide-static
    for icon in $ICONS; do take "icons/$icon.svg" "$icon.svg"; done
    take LICENSE LICENSE
    seal "$into"
fi
