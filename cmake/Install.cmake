# What `cmake --install` puts where, in components that can be chosen one by one. Settings and secrets are the operator's: nothing goes to /etc.
include(GNUInstallDirs)

set(OREWATCH_UNIT_DIR lib/systemd/system CACHE PATH "Folder of the systemd units, below the prefix")

# Needed by all that follow: programs.
install(TARGETS orewatch orewatch-gateway orewatch-registry orewatch-risk orewatch-alerting RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT services)
install(TARGETS orewatchctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ctl)

set(share ${CMAKE_INSTALL_DATADIR}/orewatch)
# The bundled figures with their sources, and the rules.
install(DIRECTORY data DESTINATION ${share} COMPONENT data)
# The contracts, and what renders Envoy's configuration from them.
install(FILES ${OREWATCH_DESCRIPTORS} DESTINATION ${share} COMPONENT edge)
install(DIRECTORY deploy/envoy/ DESTINATION ${share}/edge USE_SOURCE_PERMISSIONS COMPONENT edge)
# Rules, dashboards and the Alertmanager's side of the contract.
foreach(part prometheus alertmanager grafana)
  install(DIRECTORY deploy/${part} DESTINATION ${share} COMPONENT monitoring OPTIONAL)
endforeach()

file(GLOB units CONFIGURE_DEPENDS deploy/systemd/*.service)
install(FILES ${units} DESTINATION ${OREWATCH_UNIT_DIR} COMPONENT systemd)
install(DIRECTORY deploy/systemd/orewatch-.service.d DESTINATION ${OREWATCH_UNIT_DIR} COMPONENT systemd)
install(FILES docs/operations/install.md docs/operations.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT systemd)
install(FILES deploy/systemd/orewatch.sysusers DESTINATION lib/sysusers.d RENAME orewatch.conf COMPONENT systemd)
# To copy to /etc/orewatch and change.
install(DIRECTORY deploy/systemd/settings DESTINATION ${share} COMPONENT systemd)
