//go:build tools

// Package tools keeps the program that the end-to-end tests build in go.mod.
package tools

import _ "github.com/prometheus/prometheus/cmd/promtool"
