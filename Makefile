# The portal's commands. What each one does stands in .ci/, one script per subject.
.PHONY: help demo demo-reset test messages lock

help: ## Show the commands.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## Set up and run the portal with the demo world (PORT=8000).
	@bash .ci/demo.sh

demo-reset: ## Begin again with a new demo world, then run it.
	@bash .ci/demo.sh --reset

test: ## Set up and run all tests (ARGS="-k handover" for some of them).
	@bash .ci/test.sh

messages: ## Collect the texts to translate into kim_portal/locale/de.
	@bash .ci/setup.sh
	@.venv/bin/python .ci/translations.py extract

lock: ## Lock the Python packages that pyproject.toml names.
	@.venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --group dev pyproject.toml -o requirements.lock
