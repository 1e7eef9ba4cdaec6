"""Answers over HTTP: ready questions, metrics, exports, a chat widget's analytics."""
