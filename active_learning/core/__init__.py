"""What every stage needs: errors, parameters, files and plug-ins."""
